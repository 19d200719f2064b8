/** Why a call to Vambe has failed, for code to tell apart. */
export type VambeErrorCode =
  /** What was passed cannot be sent: nothing was. `errors` names each field. */
  | "invalid"
  /** 401 or 403: the API key is not accepted. */
  | "unauthorized"
  /** 404: there is no such contact. */
  | "not-found"
  /** Any other 4xx: Vambe does not take this. It will not be taken later either. */
  | "refused"
  /** 429, or 503 with `Retry-After`, also after the last try. */
  | "busy"
  /** 5xx, no connection, no answer in time, or an answer that is none of Vambe's, also after the last try. */
  | "unavailable";

/**
 * A call to Vambe that has failed. Its message says what to do, and holds nothing of what was sent: it may go to a log.
 * Where the caller has aborted, `signal.reason` is thrown instead, as `fetch` does.
 */
export class VambeError extends Error {
  override readonly name = "VambeError";
  readonly code: VambeErrorCode;
  /** Of the last answer; `undefined` where there was none. */
  readonly status: number | undefined;
  /** With `invalid`: each field that is wrong, and why. */
  readonly errors: readonly { field: string; detail: string }[];

  constructor(
    code: VambeErrorCode,
    message: string,
    more: { status?: number | undefined; errors?: VambeError["errors"] } = {},
  ) {
    super(message);
    this.code = code;
    this.status = more.status;
    this.errors = more.errors ?? [];
  }
}
