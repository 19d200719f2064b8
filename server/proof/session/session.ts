import { createHmac, randomBytes } from "node:crypto";
import { LRUCache } from "lru-cache";
import { Problem } from "../../problems.ts";
import type { Prove } from "../proof.ts";
import { createAskSession, type SessionAnswer, type SessionOptions } from "./endpoint.ts";

/** An answer serves again for five seconds: for a page that reloads, or several tabs. */
const KEPT_MS = 5000;
/** About so many bytes are kept at the most. While an answer is awaited, it counts as little as a small one. */
const MOST_BYTES = 8 * 1024 * 1024;
const ENTRY_BYTES = 2000;

/**
 * The visitor's session at the site: the cookies that came with the request are shown to the site's own endpoint, and to
 * nobody else, with the page's `Origin` and `Referer`, by which some tell their own pages from others. Whatever it says of
 * the user is proven. Cookies that it sets, such as a session's that is renewed each time, go to the browser whatever
 * becomes of the request: the endpoint takes the old ones for worthless by then.
 */
export function proveBySession(options: SessionOptions): Prove {
  const ask = createAskSession(options);
  // Cookies are kept as a digest that is worth nothing outside this process.
  const key = randomBytes(32);
  const kept = new LRUCache<string, Promise<SessionAnswer>>({
    maxSize: MOST_BYTES,
    ttl: KEPT_MS,
    ttlAutopurge: true,
  });

  return async ({ proof, user, request, setCookies }) => {
    const headers = shown(request);
    if (!headers.cookie || proof !== undefined || typeof user.user_hash === "string") return undefined;
    // Not the Referer: two pages that are opened at once must not show an old cookie after a renewed one.
    const visitor = JSON.stringify([headers.cookie, headers.origin]);
    const digest = createHmac("sha256", key).update(visitor).digest("base64");
    const before = kept.get(digest);
    const asked = before ?? ask(headers);
    if (!before) kept.set(digest, asked, { size: ENTRY_BYTES });
    const answer = await asked;
    setCookies?.(answer.setCookies);
    // Of nobody, or of another than the page says, the next request asks anew: somebody may have signed in by then.
    const isOf = !(answer.user instanceof Problem) && answer.user.id === user.id;
    if (kept.get(digest) === asked && !(isOf && before)) {
      const ttl = Math.ceil(kept.getRemainingTTL(digest));
      // The same value again would keep its size.
      kept.delete(digest);
      if (isOf) kept.set(digest, asked, { size: ENTRY_BYTES + 2 * JSON.stringify(answer).length, ttl });
    }
    if (answer.user instanceof Problem) throw answer.user;
    return answer.user;
  };
}

/** What the site's endpoint gets to see of the page's request. A page that sends no `Referer` is known by its origin. */
function shown({ headers }: Request): Record<string, string> {
  const origin = headers.get("origin");
  const referer = headers.get("referer") ?? (origin && `${origin}/`);
  const cookie = headers.get("cookie");
  return { ...(cookie && { cookie }), ...(origin && { origin }), ...(referer && { referer }) };
}
