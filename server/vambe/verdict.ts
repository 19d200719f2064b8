import { z } from "zod/mini";
import { type Answer, isFromVambe, isWebPage } from "./answer.ts";
import type { Upsert } from "./contract.ts";
import { retryAfterMs } from "./retry-after.ts";
import { uuid } from "./uuid.ts";
import { complaintIn } from "./words.ts";

/**
 * What an answer of Vambe's, or its absence, means for the delivery. `words`: what the answer says, for the operator,
 * without anything that was sent.
 */
export type Verdict =
  /**
   * 2xx with JSON or nothing: the upsert happened. `organization`: whose account has taken it, where the answer says.
   * `complaint`: words, where the body speaks of a failure all the same.
   */
  | {
      kind: "confirmed";
      contactId: string | undefined;
      organization?: string | undefined;
      complaint?: string | undefined;
    }
  /** This body will never be accepted as it is. `namedFields`: keys of custom fields that the answer mentions. */
  | { kind: "refused"; status: number; namedFields: string[]; words?: string | undefined }
  /** The API key is not accepted, or something in front of Vambe does not like this body. */
  | { kind: "unauthorized"; status: number; words?: string | undefined }
  /** Out of quota, or closed for a while that the answer names. `retryAfterMs` as Vambe asks for it, within reason. */
  | { kind: "busy"; status: number; retryAfterMs: number | undefined; words?: string | undefined }
  /**
   * No usable answer; `cause` is a status or an error code, never a message. `somebodyElse`: it looks as if it does not
   * come from Vambe's API.
   */
  | { kind: "failed"; cause: string; words?: string | undefined; somebodyElse?: boolean };

/** Statuses that say that this body will never be accepted. */
const REFUSALS = [400, 409, 413, 422];
/** Statuses with which a server says that it is another one, or that the way to it leads elsewhere. */
const SOMEBODY_ELSE = [404, 405, 410, 421, 501, 511];

/** The part of the answer that is of use here. The document promises no answer schema, so all of it is optional. */
const contactAnswer = z.object({ id: z.string().check(z.regex(uuid)) });

/** "Your organization ID": whose account has taken it. */
const organizationAnswer = z.object({ client_id: z.string().check(z.regex(uuid)) });

/** @param words what the answer says, without anything that was sent */
export function verdictOf(answer: Answer, body: Upsert, words: string | undefined): Verdict {
  const { status } = answer;
  if (status >= 200 && status < 300) {
    if (!isFromVambe(answer)) return somebodyElses(status, words);
    const complaint = complaintIn(answer.json) ? (words ?? "no words") : undefined;
    const organization = organizationAnswer.safeParse(answer.json).data?.client_id;
    return {
      kind: "confirmed",
      contactId: contactAnswer.safeParse(answer.json).data?.id,
      ...(organization !== undefined && { organization }),
      complaint,
    };
  }
  if (status === 401 || status === 403) return { kind: "unauthorized", status, words };
  const asked = retryAfterMs(answer.retryAfter);
  if (status === 429 || (status === 503 && asked !== undefined)) {
    return { kind: "busy", status, retryAfterMs: asked, words };
  }
  if (REFUSALS.includes(status)) {
    // Not so 413: what is too large for somebody on the way does not get smaller.
    if (status !== 413 && isWebPage(answer)) return somebodyElses(status, words);
    return { kind: "refused", status, namedFields: fieldsNamedIn(answer, body), words };
  }
  const somebodyElse = (status >= 300 && status < 400) || SOMEBODY_ELSE.includes(status);
  return { kind: "failed", cause: String(status), words, ...(somebodyElse && { somebodyElse }) };
}

const somebodyElses = (status: number, words: string | undefined): Verdict => ({
  kind: "failed",
  cause: `${status} without JSON`,
  words,
  somebodyElse: true,
});

/** Why a delivery has not happened, for the operator: a status or an error code, and Vambe's words. */
export function reasonOf(verdict: Exclude<Verdict, { kind: "confirmed" }>): string {
  const { kind, words } = verdict;
  const what = kind === "failed" ? verdict.cause : `${kind} (${verdict.status})`;
  return words === undefined ? what : `${what}: ${words}`;
}

/** Vambe's status where a contact was not taken. Of a failure it stands in the cause, where there was any answer. */
export function statusOf(verdict: Verdict): number | undefined {
  if (verdict.kind === "confirmed") return undefined;
  if (verdict.kind !== "failed") return verdict.status;
  const [status] = /^\d{3}/.exec(verdict.cause) ?? [];
  return status === undefined ? undefined : Number(status);
}

/**
 * Which of the keys that were sent the answer mentions as words of their own. The wording of the message is
 * not documented, so none is relied on.
 */
function fieldsNamedIn({ json, text }: Answer, body: Upsert): string[] {
  const all = textsIn(json ?? text).join(" ");
  const words = new Set(all.split(/[^\p{L}\p{N}_.-]+/u).map((word) => word.replace(/^[.-]+|[.-]+$/g, "")));
  return (body.custom_field_values ?? []).map(({ key }) => key).filter((key) => words.has(key));
}

/** Every string in a JSON value, names included, down to a sane depth. */
function textsIn(value: unknown, depth = 8): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null || depth === 0) return [];
  return Object.entries(value).flatMap(([name, inner]) => [name, ...textsIn(inner, depth - 1)]);
}
