import { Problem } from "../problems.ts";
import type { Call } from "./call.ts";

const LABEL = /^[a-z\d-]{1,63}$/;

/**
 * Whether pages of an origin may identify users. Compared letter by letter: browsers send origins in one form only.
 * `https://*.example.com` stands for exactly one label in place of the `*`.
 */
export class AllowedOrigins {
  readonly #origins: ReadonlySet<string>;
  readonly #patterns: readonly { head: string; tail: string }[];
  readonly #credentials: Record<string, string>;

  /** @param withCookies whether pages may send the visitor's cookies along, and read the answer to that */
  constructor(origins: readonly string[], withCookies = false) {
    this.#origins = new Set(origins.filter((origin) => !origin.includes("*")));
    this.#patterns = origins
      .filter((origin) => origin.includes("*"))
      .map((pattern) => ({ pattern, at: pattern.indexOf("*") }))
      .map(({ pattern, at }) => ({ head: pattern.slice(0, at), tail: pattern.slice(at + 1) }));
    this.#credentials = withCookies ? { "access-control-allow-credentials": "true" } : {};
  }

  /** The one origin that is allowed, where there is only one. */
  get only(): string | undefined {
    const [first, ...others] = this.#origins;
    return others.length + this.#patterns.length === 0 ? first : undefined;
  }

  allows(origin: string): boolean {
    return (
      this.#origins.has(origin) ||
      this.#patterns.some(
        ({ head, tail }) =>
          origin.startsWith(head) &&
          origin.endsWith(tail) &&
          LABEL.test(origin.slice(head.length, -tail.length)),
      )
    );
  }

  /** The request's origin. @throws {Problem} where it has none, or one that is not on the list. */
  check({ headers }: Pick<Call, "headers">): string {
    const origin = headers.get("origin");
    if (origin !== null && this.allows(origin)) return origin;
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
    if (origin === null || !this.allows(origin)) return {};
    return {
      "access-control-allow-origin": origin,
      ...this.#credentials,
      "access-control-expose-headers": "retry-after, x-request-id",
    };
  }
}

/**
 * Beside the body's type, pages may send what tracing libraries put into every request of theirs: the exchange looks at
 * none of it, and a preflight that did not allow it would stop the identify.
 */
export const PREFLIGHT_HEADERS = {
  "access-control-allow-methods": "POST",
  "access-control-allow-headers": "content-type, traceparent, tracestate, baggage, sentry-trace",
  "access-control-max-age": "7200",
};
