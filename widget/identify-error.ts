import type { IdentifyError } from "./types.ts";

type More = {
  [Key in "status" | "type" | "requestId" | "errors" | "cause"]?: IdentifyError[Key] | undefined;
};

/** Makes an `IdentifyError`. `detail` is its message too. */
export const identifyError = (code: IdentifyError["code"], detail: string, more?: More): IdentifyError =>
  Object.assign(new Error(detail), { name: "IdentifyError", code, detail }, more) as IdentifyError;
