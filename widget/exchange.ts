import type { IdentifyAnswer, ProblemBody } from "../server/answers.ts";
import type { Call } from "./call.ts";
import { identifyError } from "./identify-error.ts";
import { now } from "./lib/now.ts";
import type { Identity } from "./types.ts";

/** How to reach the exchange. */
export interface Site {
  /** Base address of the exchange. */
  server: string;
  credentials: RequestCredentials;
  /** The part that hands the identity to the webchat, while it is fetched. The identity waits for it. */
  chat?: unknown;
}

/** Part of an identity or of a problem. Any server may have answered, so nothing is certain. */
type Answer = Partial<Omit<IdentifyAnswer, "status"> & Omit<ProblemBody, "status">>;

/** In milliseconds, and half of it before the third attempt: both fit into the ten seconds that all of it has. */
const LONGEST_PAUSE = 6_666;
/** Statuses that may pass by themselves: no answer at all, too many requests, a gateway without its server. */
// biome-ignore lint/suspicious/noSparseArray: the hole is found as `undefined`, and is the shortest way to say it.
const PASSING = [, 429, 502, 503, 504];

/**
 * Sends one identify and reads the answer, which must be about the same user. The exchange is idempotent, so it is
 * safe to send it again: a failure that may pass by itself is tried three times in all. `getProof` is called if there
 * is no proof yet, and once more if that proof is expired or used.
 * @throws IdentifyError, or the reason that `signal` was given
 */
export async function exchange(call: Call, site: Site, signal: AbortSignal): Promise<Identity> {
  let renewed: boolean | undefined;
  // Of several calls in one turn only the last one counts.
  await 0;
  for (let attempt = 1; ; attempt++) {
    signal.throwIfAborted();
    if (call.getProof && !call.held) call.held = await ask(call.getProof);
    let response: Response | undefined;
    let json: unknown;
    let asked: unknown;
    try {
      response = await fetch(`${site.server}/identify`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: `{"user":${call.traits},"proof":${JSON.stringify(call.held ?? null)}}`,
        signal,
        credentials: site.credentials,
        redirect: "error",
        referrerPolicy: "no-referrer",
      });
      asked = response.headers?.get("Retry-After");
      json = await response.json();
    } catch {}
    const status = response?.status;
    // A proof that can be used once may have been used by a request whose answer was lost on the way.
    if (call.getProof && !renewed && /proof-(expired|used)$/.test(`${Object(json).type}`)) {
      renewed = true;
      call.held = undefined;
      continue;
    }
    const pause = (asked as number) * 1000 || 600 * attempt * (0.5 + Math.random());
    if (!PASSING.includes(status) || pause * attempt > LONGEST_PAUSE || attempt > 2) {
      await site.chat;
      return read(json, status, site.server, call);
    }
    await new Promise((resume) => setTimeout(resume, pause));
  }
}

const ask = async (getProof: NonNullable<Call["getProof"]>): Promise<string> => {
  let cause: unknown;
  try {
    const proof = await getProof();
    if (proof && typeof proof === "string") return proof;
  } catch (error) {
    cause = error;
  }
  throw identifyError("proof-failed", "getProof gave no proof.", { cause });
};

/** @throws IdentifyError if the answer is not an identity */
const read = (json: unknown, status: number | undefined, server: string, call: Call): Identity => {
  // What is left is told to the page. The webchat's token is not.
  const {
    user,
    expires_at,
    expires_in,
    request_id: requestId,
    webchat_token,
    type,
    detail,
    errors,
    ...rest
  }: Answer = Object(json);
  if (
    status === 200 &&
    user?.id === call.id &&
    rest.token &&
    (expires_at as number) > (expires_in as number) &&
    rest.applied?.map &&
    rest.ignored?.map
  ) {
    call.webchatToken = webchat_token;
    // By the exchange's clock it is so long; what the visitor's clock says does not matter.
    call.until = now() + (expires_in as number) * 1000;
    return { ...user, ...rest, expiresAt: (expires_at as number) * 1000, requestId } as Identity;
  }
  const slug = `${type}`.split("/problems/")[1];
  if (slug) throw identifyError(slug, `${detail}`, { status, type, requestId, errors });
  throw status
    ? identifyError("bad-answer", `${server} is not a vambe-identity exchange: HTTP ${status}.`, {
        // A page that a service worker or a hotel's network gives out is no answer: it may pass.
        status: json === undefined && status < 300 ? json : status,
      })
    : identifyError(
        "network",
        `${server} is not reachable, or ${location.origin} is not in its VAMBE_ALLOWED_ORIGINS.`,
      );
};
