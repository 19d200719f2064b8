import { FetchFailure, type Lookup } from "../../guarded-fetch/guarded-connection.ts";
import { type GuardedAnswer, guardedGet } from "../../guarded-fetch/guarded-get.ts";
import { isLoopbackHost } from "../../guarded-fetch/secure-url.ts";
import type { Log } from "../../log.ts";
import { Problem } from "../../problems.ts";
import type { Proven } from "../proof.ts";
import { cookiesThatReach, hostOf } from "./cookies.ts";
import { readSessionUser, whereIdIsNot } from "./user.ts";

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

/** What the endpoint has said of a visitor: who it is, or why nobody. */
export interface SessionAnswer {
  user: Proven | Problem;
  /** The cookies that it sets and that mean the same when the exchange sets them, each as its header has it. */
  setCookies: readonly string[];
}

/** Asks the endpoint about a visitor, showing it these headers. Rejects never: no answer is a problem too. */
export type AskSession = (headers: Readonly<Record<string, string>>) => Promise<SessionAnswer>;

/** The site's own endpoint that says who a visitor's cookies belong to. */
export function createAskSession({ url, publicUrl, fields, log, lookup }: SessionOptions): AskSession {
  const reach = { loopback: isLoopbackHost(new URL(url).hostname), privateNetworks: true };
  let underWay = 0;
  let hasWarned = false;

  function reaching(setCookies: readonly string[], origin: string | undefined): string[] {
    const reached = cookiesThatReach(setCookies, { page: hostOf(origin), exchange: hostOf(publicUrl) });
    if (reached.length < setCookies.length && !hasWarned) {
      hasWarned = true;
      log.warn(
        "the site's session endpoint sets a cookie that the browser cannot get from here: serve the exchange from the page's own host, set the cookie with a Domain that covers both, or let the endpoint renew no session",
        { setting: "VAMBE_SESSION_URL" },
      );
    }
    return reached;
  }

  function userIn({ status, json }: GuardedAnswer): Proven | Problem {
    if (status === 401 || status === 403 || status === 204) return nobody();
    if (status !== 200) return unavailable(`it answers with ${status}`);
    try {
      return readSessionUser(json, fields) ?? nobody(whereIdIsNot(json, fields));
    } catch (error) {
      if (error instanceof Problem) return error;
      throw error;
    }
  }

  function unavailable(cause: unknown): Problem {
    log.error("the site's session endpoint gives no usable answer", { setting: "VAMBE_SESSION_URL", cause });
    return new Problem("issuer-unavailable", "The site's session endpoint gives no usable answer.", {
      headers: { "retry-after": RETRY_AFTER_S },
    });
  }

  return async (headers) => {
    if (underWay >= MOST_ASKED) {
      return { user: unavailable(`${MOST_ASKED} visitors are being asked about at once`), setCookies: [] };
    }
    underWay += 1;
    try {
      const answer = await guardedGet(url, { reach, headers, ...(lookup ? { lookup } : {}) });
      return { user: userIn(answer), setCookies: reaching(answer.setCookies, headers.origin) };
    } catch (error) {
      return { user: unavailable(error instanceof FetchFailure ? error.reason : error), setCookies: [] };
    } finally {
      underWay -= 1;
    }
  };
}

const nobody = (detail = "The site knows no signed-in user for the visitor's cookies.") =>
  new Problem("session-none", detail);
