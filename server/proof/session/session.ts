import { createHmac, randomBytes } from "node:crypto";
import { BoundedMap } from "../../bounded-map.ts";
import { Problem } from "../../problems.ts";
import type { Prove } from "../proof.ts";
import { createAskSession, type SessionAnswer, type SessionOptions } from "./endpoint.ts";

/** An answer serves again for five seconds: for a page that reloads, or several tabs. */
const KEPT_MS = 5000;
/** About so many bytes are kept at the most. While an answer is awaited, it counts as little as a small one. */
const MOST_BYTES = 8 * 1024 * 1024;
const ENTRY_BYTES = 2000;

interface Kept {
  asked: Promise<SessionAnswer>;
  /** By a clock that never jumps, in milliseconds. */
  until: number;
}

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
  const kept = new BoundedMap<Kept>(MOST_BYTES);
  const find = (digest: string): Kept | undefined => {
    const found = kept.get(digest);
    return found && performance.now() <= found.until ? found : undefined;
  };
  const keep = (digest: string, asked: Promise<SessionAnswer>): Kept => {
    const until = performance.now() + KEPT_MS;
    const entry = { asked, until };
    kept.set(digest, entry, ENTRY_BYTES);
    // What has gone before its time is not held by its timer.
    const erase = () => kept.peek(digest)?.until === until && kept.delete(digest);
    setTimeout(erase, KEPT_MS).unref();
    return entry;
  };

  return async ({ proof, user, request, setCookies }) => {
    const headers = shown(request);
    if (!headers.cookie || proof !== undefined || typeof user.user_hash === "string") return undefined;
    // Not the Referer: two pages that are opened at once must not show an old cookie after a renewed one.
    const visitor = JSON.stringify([headers.cookie, headers.origin]);
    const digest = createHmac("sha256", key).update(visitor).digest("base64");
    const before = find(digest);
    const entry = before ?? keep(digest, ask(headers));
    const answer = await entry.asked;
    setCookies?.(answer.setCookies);
    // Of nobody, or of another than the page says, the next request asks anew: somebody may have signed in by then.
    const isOf = !(answer.user instanceof Problem) && answer.user.id === user.id;
    if (find(digest) === entry && !(isOf && before)) {
      if (isOf) kept.set(digest, entry, ENTRY_BYTES + 2 * JSON.stringify(answer).length);
      else kept.delete(digest);
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
