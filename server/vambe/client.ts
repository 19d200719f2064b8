import { contactAnswer, type Upsert } from "./contract.ts";
import { readUpTo } from "./read-up-to.ts";
import { retryAfterMs } from "./retry-after.ts";

/** What an answer of Vambe's, or its absence, means for the delivery. */
export type Verdict =
  /** 2xx: the upsert happened, whatever the body says. */
  | { kind: "confirmed"; contactId: string | undefined }
  /** This body will never be accepted as it is. `namedFields`: keys of custom fields that the answer mentions. */
  | { kind: "refused"; status: number; namedFields: string[] }
  /** The API key is not accepted: nothing will be. */
  | { kind: "unauthorized"; status: number }
  /** Out of quota, or closed for a while that the answer names. `retryAfterMs` as Vambe asks for it, within reason. */
  | { kind: "busy"; status: number; retryAfterMs: number | undefined }
  /** No usable answer; `cause` is a status or an error code, never a message. */
  | { kind: "failed"; cause: string };

export interface VambeClient {
  /** Never rejects: every outcome is a verdict. */
  upsert(body: Upsert): Promise<Verdict>;
}

const PATH = "/api/public/customer/upsert/info";
/** The whole call, headers and body, in milliseconds. */
const DEADLINE_MS = 10_000;
const MAX_ANSWER_BYTES = 64 * 1024;

/** Talks to Vambe's API. The key is held here and goes to `apiUrl` alone: redirects are not followed. */
export function createVambeClient({
  apiUrl,
  apiKey,
  deadlineMs = DEADLINE_MS,
}: {
  apiUrl: string;
  apiKey: string;
  deadlineMs?: number;
}): VambeClient {
  return {
    async upsert(body) {
      let response: Response;
      try {
        response = await fetch(apiUrl + PATH, {
          method: "POST",
          headers: { "content-type": "application/json", accept: "application/json", "x-api-key": apiKey },
          body: JSON.stringify(body),
          redirect: "manual",
          signal: AbortSignal.timeout(deadlineMs),
        });
      } catch (error) {
        return { kind: "failed", cause: errorCode(error) };
      }
      // Past this line the status is known and decides; a body that stops half-way takes nothing back.
      const answer = await readUpTo(response, MAX_ANSWER_BYTES);
      return verdictOf(response, answer, body);
    },
  };
}

function verdictOf(response: Response, answer: string, body: Upsert): Verdict {
  const { status } = response;
  if (response.ok) return { kind: "confirmed", contactId: contactIdIn(answer) };
  if (status === 401 || status === 403) return { kind: "unauthorized", status };
  const asked = retryAfterMs(response.headers.get("retry-after"));
  if (status === 429 || (status === 503 && asked !== undefined)) {
    return { kind: "busy", status, retryAfterMs: asked };
  }
  if (status === 400 || status === 409 || status === 413 || status === 422) {
    return { kind: "refused", status, namedFields: fieldsNamedIn(answer, body) };
  }
  return { kind: "failed", cause: String(status) };
}

function contactIdIn(answer: string): string | undefined {
  return contactAnswer.safeParse(parseJson(answer)).data?.id;
}

/**
 * Which of the keys that were sent the answer mentions as words of their own. The wording of the message is
 * not documented, so none is relied on.
 */
function fieldsNamedIn(answer: string, body: Upsert): string[] {
  const text = textsIn(parseJson(answer) ?? answer).join(" ");
  const words = new Set(text.split(/[^\p{L}\p{N}_.-]+/u).map((word) => word.replace(/^[.-]+|[.-]+$/g, "")));
  return (body.custom_field_values ?? []).map(({ key }) => key).filter((key) => words.has(key));
}

/** Every string in a JSON value, names included, down to a sane depth. */
function textsIn(value: unknown, depth = 8): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null || depth === 0) return [];
  return Object.entries(value).flatMap(([name, inner]) => [name, ...textsIn(inner, depth - 1)]);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `ECONNREFUSED`, `TimeoutError` …: enough for an operator, and free of what was sent. */
function errorCode(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  const cause = error.cause;
  if (cause instanceof Error && "code" in cause) return String(cause.code);
  return error.name;
}
