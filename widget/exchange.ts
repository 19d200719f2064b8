import type { IdentifyAnswer, ProblemBody } from "../server/answers.ts";
import type { Call } from "./call.ts";
import { identifyError } from "./identify-error.ts";
import type { Identity } from "./types.ts";

/** How to reach the exchange. */
export interface Site {
  /** Base address of the exchange. */
  server: string;
  credentials: RequestCredentials;
  /**
   * The part that hands the identity to the webchat, while it is fetched. The identity waits for it. The webchat's token
   * must not be told to other tabs, so with it each tab asks for itself.
   */
  chat?: Promise<unknown> | false;
  /** Called when there is something to show: a request is under way, or an identity or an error has come. */
  onNews(): void;
}

/** Part of an identity or of a problem. Any server may have answered, so nothing is certain. */
type Answer = Partial<Omit<IdentifyAnswer, "status"> & Omit<ProblemBody, "status">>;

const ATTEMPTS = 3;
/** Statuses that may pass by themselves: no answer at all (0), too many requests, a gateway without its server. */
const PASSING = /^(0|429|50[234])$/;

/**
 * Sends one identify and reads the answer, which must be about the same user. The exchange is idempotent, so it is
 * safe to send it again: a failure that may pass by itself is tried three times in all, with no pause beyond
 * `deadline`. `getProof` is called if there is no proof yet, and once more if that proof is expired or used.
 * @throws IdentifyError, or the reason that `call.stop` was given
 */
export async function exchange(call: Call, site: Site, deadline: number): Promise<Identity> {
  const { signal } = call.stop;
  let renewed: boolean | undefined;
  for (let attempt = 1; ; attempt++) {
    if (call.getProof && !call.held) call.held = await ask(call.getProof);
    let response: Response | undefined;
    let json: unknown;
    try {
      const sent = fetch(`${site.server}/identify`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: `{"user":${call.traits},"proof":${JSON.stringify(call.held ?? null)}}`,
        signal,
        credentials: site.credentials,
        redirect: "error",
        referrerPolicy: "no-referrer",
      });
      site.onNews();
      response = await sent;
      json = await response.json();
    } catch {}
    signal.throwIfAborted();

    const status = response?.status ?? 0;
    const answer: Answer = Object(json);
    // A proof that can be used once may have been used by a request whose answer was lost on the way.
    if (call.getProof && !renewed && /proof-(expired|used)$/.test(`${answer.type}`)) {
      renewed = true;
      call.held = undefined;
      continue;
    }
    const asked = (response?.headers.get("Retry-After") as unknown as number) * 1000;
    const pause = asked || 600 * attempt * (0.5 + Math.random());
    if (!PASSING.test(`${status}`) || attempt === ATTEMPTS || Date.now() + pause > deadline) {
      return read(answer, status, site.server, call);
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
const read = (answer: Answer, status: number, server: string, call: Call): Identity => {
  const { user, token, expires_at, request_id: requestId, type, detail, errors, ...others } = answer;
  // The identity is told to handlers and other tabs. The webchat's token is not.
  const { webchat_token, ...rest } = others;
  if (
    status === 200 &&
    user?.id === call.id &&
    token &&
    (expires_at as number) > 0 &&
    [rest.applied, rest.ignored].every(Array.isArray)
  ) {
    call.webchatToken = webchat_token;
    return { ...user, ...rest, token, expiresAt: (expires_at as number) * 1000, requestId } as Identity;
  }
  const slug = `${type}`.split("/problems/")[1];
  if (slug) throw identifyError(slug, `${detail}`, { status, type, requestId, errors });
  throw status
    ? identifyError("bad-answer", `${server} is not a vambe-identity exchange: HTTP ${status}.`, { status })
    : identifyError(
        "network",
        `${server} is not reachable, or ${location.origin} is not in its VAMBE_ALLOWED_ORIGINS.`,
      );
};
