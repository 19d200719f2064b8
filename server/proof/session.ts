import { createHmac, randomBytes } from "node:crypto";
import { LRUCache } from "lru-cache";
import { isLoopbackHost } from "../guarded-fetch/address.ts";
import { FetchFailure, type Lookup } from "../guarded-fetch/guarded-connection.ts";
import { type GuardedAnswer, guardedGet } from "../guarded-fetch/guarded-get.ts";
import type { Log } from "../log.ts";
import { Problem } from "../problems.ts";
import type { Prove, Proven } from "./proof.ts";
import { cookiesThatReach, hostOf } from "./session-cookies.ts";
import { readSessionUser, whereIdIsNot } from "./session-user.ts";

/** An answer serves again for five seconds: for a page that reloads, or several tabs. */
const KEPT_MS = 5000;
/** About so many bytes are kept at the most. While an answer is awaited, it counts as little as a small one. */
const MOST_BYTES = 8 * 1024 * 1024;
const ENTRY_BYTES = 2000;
/** At most this many visitors are asked about at the same moment; the next are asked to come again. */
const MOST_ASKED = 100;
/** What a page waits before it asks again while the endpoint is down, in seconds. */
const RETRY_AFTER_S = "5";

export interface SessionOptions {
  /** The site's own "who am I" endpoint. */
  url: string;
  /** Where browsers reach the exchange. */
  publicUrl: string;
  /** Trait → where it stands in the answer. */
  fields: Readonly<Record<string, string>>;
  log: Log;
  lookup?: Lookup;
}

/**
 * The visitor's session at the site: the cookies that came with the request are shown to the site's own endpoint, and to
 * nobody else, with the page's `Origin` and `Referer`, by which some tell their own pages from others. Whatever it says of
 * the user is proven. Cookies that it sets, such as a session's that is renewed each time, go back with the answer.
 */
export function proveBySession({ url, publicUrl, fields, log, lookup }: SessionOptions): Prove {
  let hasWarned = false;
  // Cookies are kept as a digest that is worth nothing outside this process.
  const key = randomBytes(32);
  const kept = new LRUCache<string, Promise<Proven>>({
    maxSize: MOST_BYTES,
    ttl: KEPT_MS,
    ttlAutopurge: true,
  });
  const reach = { loopback: isLoopbackHost(new URL(url).hostname), privateNetworks: true };

  let underWay = 0;

  async function ask(headers: Record<string, string>): Promise<Proven> {
    if (underWay >= MOST_ASKED) unavailable(`${MOST_ASKED} visitors are being asked about at once`);
    underWay += 1;
    try {
      return await askNow(headers);
    } finally {
      underWay -= 1;
    }
  }

  async function askNow(headers: Record<string, string>): Promise<Proven> {
    const answer = await guardedGet(url, { reach, headers, ...(lookup ? { lookup } : {}) }).catch(
      (error: unknown) => unavailable(error instanceof FetchFailure ? error.reason : error),
    );
    return { ...userIn(answer), setCookies: reaching(answer.setCookies, headers.origin) };
  }

  function userIn({ status, json }: GuardedAnswer): Proven {
    if (status === 401 || status === 403 || status === 204) throw nobody();
    if (status !== 200) throw unavailable(`it answers with ${status}`);
    const user = readSessionUser(json, fields);
    if (!user) throw nobody(whereIdIsNot(json, fields));
    return user;
  }

  function reaching(setCookies: readonly string[], origin: string | undefined): string[] {
    const hosts = { page: hostOf(origin), exchange: hostOf(publicUrl) };
    const reach = cookiesThatReach(setCookies, hosts);
    if (reach.length < setCookies.length && !hasWarned) {
      hasWarned = true;
      log.warn(
        "the site's session endpoint sets a cookie that the browser cannot get from here: serve the exchange from the page's own host, set the cookie with a Domain that covers both, or let the endpoint renew no session",
        { setting: "VAMBE_SESSION_URL" },
      );
    }
    return reach;
  }

  function unavailable(cause: unknown): never {
    log.error("the site's session endpoint gives no usable answer", { setting: "VAMBE_SESSION_URL", cause });
    throw new Problem("issuer-unavailable", "The site's session endpoint gives no usable answer.", {
      headers: { "retry-after": RETRY_AFTER_S },
    });
  }

  return async ({ proof, user, request }) => {
    const headers = shown(request);
    if (!headers.cookie || proof !== undefined || typeof user.user_hash === "string") return undefined;
    const digest = createHmac("sha256", key).update(JSON.stringify(headers)).digest("base64");
    const forget = () => {
      if (kept.get(digest) === asked) kept.delete(digest);
    };
    const before = kept.get(digest);
    const asked = before ?? ask(headers);
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

/** What the site's endpoint gets to see of the page's request. */
const shown = ({ headers }: Request): Record<string, string> =>
  Object.fromEntries(
    ["cookie", "origin", "referer"].flatMap((name) => {
      const value = headers.get(name);
      return value ? [[name, value]] : [];
    }),
  );

const nobody = (detail = "The site knows no signed-in user for the visitor's cookies.") =>
  new Problem("session-none", detail);
