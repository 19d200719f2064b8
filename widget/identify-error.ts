import type { IdentifyError } from "./types.ts";

type More = {
  [Key in "status" | "type" | "requestId" | "errors" | "cause"]?: IdentifyError[Key] | undefined;
};

/** Its own property, so that it can be set where a page has frozen `Error.prototype`. */
class Failure extends Error {
  override name = "IdentifyError";
}

/** Makes an `IdentifyError`. `detail` is its message too. */
export const identifyError = (code: IdentifyError["code"], detail: string, more?: More): IdentifyError =>
  Object.assign(new Failure(detail), { code, detail }, more) as IdentifyError;
