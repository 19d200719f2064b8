import { FetchFailure } from "../../../server/guarded-fetch/guarded-connection.ts";

/** Why a fetch failed, in the words of its failure; what it got, where it did not fail. */
export const reasonOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    (answer) => JSON.stringify(answer),
    (error: unknown) =>
      error instanceof FetchFailure ? error.reason : `not a FetchFailure: ${String(error)}`,
  );
