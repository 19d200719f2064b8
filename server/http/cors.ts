import { Problem } from "../problems.ts";
import type { Call } from "./call.ts";

/** Whether pages of an origin may identify users. Compared letter by letter: browsers send origins in one form only. */
export class AllowedOrigins {
  readonly #origins: ReadonlySet<string>;
  readonly #credentials: Record<string, string>;

  /** @param withCookies whether pages may send the visitor's cookies along, and read the answer to that */
  constructor(origins: readonly string[], withCookies = false) {
    this.#origins = new Set(origins);
    this.#credentials = withCookies ? { "access-control-allow-credentials": "true" } : {};
  }

  /** The request's origin. @throws {Problem} where it has none, or one that is not on the list. */
  check({ headers }: Pick<Call, "headers">): string {
    const origin = headers.get("origin");
    if (origin !== null && this.#origins.has(origin)) return origin;
    throw new Problem(
      "origin-not-allowed",
      origin === null
        ? "The request has no Origin header, so it does not come from a page."
        : "The page's origin is not in VAMBE_ALLOWED_ORIGINS.",
    );
  }

  /** What lets an allowed page read the answer, and no other. */
  headersFor({ headers }: Pick<Call, "headers">): Record<string, string> {
    const origin = headers.get("origin");
    if (origin === null || !this.#origins.has(origin)) return {};
    return {
      "access-control-allow-origin": origin,
      ...this.#credentials,
      "access-control-expose-headers": "retry-after, x-request-id",
    };
  }
}

export const PREFLIGHT_HEADERS = {
  "access-control-allow-methods": "POST",
  "access-control-allow-headers": "content-type",
  "access-control-max-age": "7200",
};
