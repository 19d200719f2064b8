import type { IdentifyAnswer, ProblemBody } from "../server/protocol.ts";
import { identifyError } from "./identify-error.ts";
import type { Identity } from "./types.ts";

/** One identify, ready to be sent. */
export interface Ask {
  /** Base address of the exchange. */
  server: string;
  credentials: RequestCredentials;
  /** The answer must be about this user. */
  id: string;
  /** JSON. */
  body: string;
  signal: AbortSignal;
  /** Milliseconds since the epoch; no pause goes beyond it. */
  deadline: number;
  /** Called each time that a request has been handed to the browser. */
  onSent(): void;
}

interface Reply {
  response: Response;
  /** `undefined` where the body is not JSON. */
  json: unknown;
}

const ATTEMPTS = 3;
const PASSING = [429, 502, 503, 504];

/**
 * Sends one identify and reads the answer. Sending it again is safe, since the exchange is idempotent; so what
 * may pass by itself (no connection, 429, 502 to 504) is tried three times in all.
 * @throws IdentifyError, or the signal's reason once that is aborted
 */
export async function exchange(ask: Ask): Promise<Identity> {
  for (let attempt = 1; ; attempt++) {
    if (!navigator.onLine) await new Promise((resume) => addEventListener("online", resume, { once: true }));
    const reply = await send(ask).catch(() => undefined);
    ask.signal.throwIfAborted();

    const asked = Number(reply?.response.headers.get("Retry-After")) * 1000;
    const pause = asked || 300 * 2 ** attempt * (0.5 + Math.random());
    const mayPass = !reply || PASSING.includes(reply.response.status);
    if (!mayPass || attempt === ATTEMPTS || Date.now() + pause > ask.deadline) return read(reply, ask);
    await new Promise((resume) => setTimeout(resume, pause));
  }
}

async function send({ server, credentials, body, signal, onSent }: Ask): Promise<Reply> {
  const sent = fetch(`${server}/identify`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body,
    signal,
    credentials,
    cache: "no-store",
    referrerPolicy: "no-referrer",
  });
  onSent();
  const response = await sent;
  return { response, json: await response.json().catch(() => undefined) };
}

/** @throws IdentifyError where the reply is anything but an identity */
function read(reply: Reply | undefined, { server, id }: Ask): Identity {
  if (!reply) {
    throw identifyError(
      "network",
      `No answer from ${server}: either it is not reachable there, or ${location.origin} is not in its VAMBE_ALLOWED_ORIGINS.`,
    );
  }
  const { json, response } = reply;
  if (response.ok && isAnswer(json, id)) {
    const { user, status, applied, ignored, token, expires_at, request_id: requestId } = json;
    const { verified } = user;
    return { id, verified, status, applied, ignored, token, expiresAt: expires_at * 1000, requestId };
  }
  const { status } = response;
  const { type, detail, request_id: requestId, errors }: Partial<ProblemBody> = Object(json);
  const slug = /\/problems\/([\w-]+)$/.exec(`${type}`)?.[1];
  throw slug
    ? identifyError(slug, `${detail}`, { status, type, requestId, errors })
    : identifyError("bad-answer", `${server} is not a vambe-identity exchange: HTTP ${status}.`, { status });
}

function isAnswer(json: unknown, id: string): json is IdentifyAnswer {
  const { user, status, applied, ignored, token, expires_at, request_id }: Partial<IdentifyAnswer> =
    Object(json);
  return (
    user?.id === id &&
    typeof user.verified === "boolean" &&
    typeof status === "string" &&
    Array.isArray(applied) &&
    Array.isArray(ignored) &&
    typeof token === "string" &&
    typeof expires_at === "number" &&
    typeof request_id === "string"
  );
}
