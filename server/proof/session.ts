import { createHmac, randomBytes } from "node:crypto";
import { LRUCache } from "lru-cache";
import { isLoopbackHost } from "../guarded-fetch/address.ts";
import { FetchFailure, type Lookup } from "../guarded-fetch/guarded-connection.ts";
import { type GuardedAnswer, guardedGet } from "../guarded-fetch/guarded-get.ts";
import type { Log } from "../log.ts";
import { Problem } from "../problems.ts";
import type { Prove, Proven } from "./proof.ts";
import { readSessionUser } from "./session-user.ts";

/** An answer serves again for five seconds: for a page that reloads, or several tabs. */
const KEPT_MS = 5000;
/** About so many bytes are kept at the most. While an answer is awaited, it counts as little as a small one. */
const MOST_BYTES = 8 * 1024 * 1024;
const ENTRY_BYTES = 2000;
/** What a page waits before it asks again while the endpoint is down, in seconds. */
const RETRY_AFTER_S = "5";

export interface SessionOptions {
  /** The site's own "who am I" endpoint. */
  url: string;
  /** Trait → where it stands in the answer. */
  fields: Readonly<Record<string, string>>;
  log: Log;
  lookup?: Lookup;
}

/**
 * The visitor's session at the site: the cookies that came with the request are shown to the site's own
 * endpoint, and to nobody else. Whatever it says of the user is proven.
 */
export function proveBySession({ url, fields, log, lookup }: SessionOptions): Prove {
  // Cookies are kept as a digest that is worth nothing outside this process.
  const key = randomBytes(32);
  const kept = new LRUCache<string, Promise<Proven>>({
    maxSize: MOST_BYTES,
    ttl: KEPT_MS,
    ttlAutopurge: true,
  });
  const reach = { loopback: isLoopbackHost(new URL(url).hostname), privateNetworks: true };

  async function ask(cookie: string): Promise<Proven> {
    const answer = await guardedGet(url, { reach, headers: { cookie }, ...(lookup ? { lookup } : {}) }).catch(
      (error: unknown) => unavailable(error instanceof FetchFailure ? error.reason : error),
    );
    return userIn(answer);
  }

  function userIn({ status, json }: GuardedAnswer): Proven {
    if (status === 401 || status === 403 || status === 204) throw nobody();
    if (status !== 200) throw unavailable(`it answers with ${status}`);
    const user = readSessionUser(json, fields);
    if (!user) throw nobody();
    return user;
  }

  function unavailable(cause: unknown): never {
    log.error("the site's session endpoint gives no usable answer", { setting: "VAMBE_SESSION_URL", cause });
    throw new Problem("issuer-unavailable", "The site's session endpoint gives no usable answer.", {
      headers: { "retry-after": RETRY_AFTER_S },
    });
  }

  return async ({ proof, user, request }) => {
    const cookie = request.headers.get("cookie");
    if (!cookie || proof !== undefined || typeof user.user_hash === "string") return undefined;
    const digest = createHmac("sha256", key).update(cookie).digest("base64");
    const forget = () => {
      if (kept.get(digest) === asked) kept.delete(digest);
    };
    const before = kept.get(digest);
    const asked = before ?? ask(cookie);
    if (!before) kept.set(digest, asked, { size: ENTRY_BYTES });
    try {
      const proven = await asked;
      if (!before && kept.get(digest) === asked) {
        const ttl = Math.ceil(kept.getRemainingTTL(digest));
        // The same value again would keep its size.
        kept.delete(digest);
        kept.set(digest, asked, { size: ENTRY_BYTES + 2 * JSON.stringify(proven).length, ttl });
      }
      // The visitor may have become another under the same cookie: the next request asks anew.
      if (proven.id !== user.id) forget();
      return proven;
    } catch (problem) {
      forget();
      throw problem;
    }
  };
}

const nobody = () =>
  new Problem("session-none", "The site knows no signed-in user for the visitor's cookies.");
