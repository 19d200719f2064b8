import type { IdentifyAnswer, ProblemBody } from "../server/protocol.ts";
import { identifyError } from "./identify-error.ts";
import type { Identity } from "./types.ts";

/** How to reach the exchange. */
export interface Site {
  /** Base address of the exchange. */
  server: string;
  credentials: RequestCredentials;
  /** Called each time that a request has been handed to the browser. */
  onSent(): void;
}

const ATTEMPTS = 3;
/** What may pass by itself: no answer at all (0), too many requests, a gateway without its server. */
const PASSING = [0, 429, 502, 503, 504];

/**
 * Sends one identify and reads the answer, which must be about user `id`. Sending it again is safe, since the
 * exchange is idempotent; so what may pass by itself is tried three times in all, with no pause beyond `deadline`.
 * @throws IdentifyError, or the signal's reason once that is aborted
 */
export async function exchange(
  { server, credentials, onSent }: Site,
  id: string,
  body: string,
  signal: AbortSignal,
  deadline: number,
): Promise<Identity> {
  for (let attempt = 1; ; attempt++) {
    if (!navigator.onLine) await new Promise((resume) => addEventListener("online", resume, { once: true }));
    let response: Response | undefined;
    let json: unknown;
    try {
      const sent = fetch(`${server}/identify`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body,
        signal,
        credentials,
        referrerPolicy: "no-referrer",
      });
      onSent();
      response = await sent;
      json = await response.json();
    } catch {}
    signal.throwIfAborted();

    const status = response?.status ?? 0;
    const asked = Number(response?.headers.get("Retry-After")) * 1000;
    const pause = asked || 300 * 2 ** attempt * (0.5 + Math.random());
    if (!PASSING.includes(status) || attempt === ATTEMPTS || Date.now() + pause > deadline) {
      return read(json, status, server, id);
    }
    await new Promise((resume) => setTimeout(resume, pause));
  }
}

/** @throws IdentifyError where the answer is anything but an identity */
function read(json: unknown, status: number, server: string, id: string): Identity {
  if (status === 200 && isIdentified(json, id)) {
    const { user, expires_at, request_id, ...rest } = json;
    return { ...user, ...rest, expiresAt: expires_at * 1000, requestId: request_id };
  }
  const { type, detail, request_id: requestId, errors }: Partial<ProblemBody> = Object(json);
  const slug = /\/problems\/([\w-]+)$/.exec(`${type}`)?.[1];
  if (slug) throw identifyError(slug, `${detail}`, { status, type, requestId, errors });
  throw status
    ? identifyError("bad-answer", `${server} is not a vambe-identity exchange: HTTP ${status}.`, { status })
    : identifyError(
        "network",
        `${server} is not reachable, or ${location.origin} is not in its VAMBE_ALLOWED_ORIGINS.`,
      );
}

function isIdentified(json: unknown, id: string): json is IdentifyAnswer {
  const { user, applied, ignored, token, expires_at = 0 }: Partial<IdentifyAnswer> = Object(json);
  return user?.id === id && !!token && expires_at > 0 && [applied, ignored].every(Array.isArray);
}
