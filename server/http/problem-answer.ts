import type { LogFields } from "../log.ts";
import { PROBLEMS, type Problem } from "../problems.ts";
import { identifyRequest, type ProblemBody } from "../protocol.ts";
import type { Answer, Call } from "./call.ts";

/** A problem as RFC 9457 has it: `application/problem+json`. */
export function problemAnswer(
  problem: Problem,
  publicUrl: string,
  requestId: string,
  headers: Record<string, string>,
): Answer {
  const { status, title } = PROBLEMS[problem.slug];
  const body: ProblemBody = {
    type: `${publicUrl}/problems/${problem.slug}`,
    title,
    status,
    detail: problem.message,
    request_id: requestId,
    ...(problem.errors.length > 0 ? { errors: [...problem.errors] } : {}),
  };
  return {
    status,
    problem: problem.slug,
    body: JSON.stringify(body),
    headers: {
      ...headers,
      // RFC 9110 asks for it beside every 401; browsers show no dialogue for this scheme.
      ...(status === 401 ? { "www-authenticate": 'Bearer error="invalid_token"' } : {}),
      ...problem.headers,
      "content-type": "application/problem+json",
    },
  };
}

/** The part of a problem that may stand in the log: names of the protocol, never what the page made up. */
export function problemLogFields({ slug, errors }: Problem): LogFields {
  return {
    status: PROBLEMS[slug].status,
    problem: slug,
    ...(errors.length > 0 ? { fields: errors.map(({ field }) => ownNames(field)).join(" ") } : {}),
  };
}

const OWN_NAMES = new Set([
  "body",
  "user",
  "proof",
  "sub",
  "iss",
  "jti",
  "act",
  "may_act",
  "actor_token",
  ...Object.keys(identifyRequest.shape.user.shape),
]);

/** `user.fields.<whatever the page calls it>` → `user.fields` */
const ownNames = (field: string) =>
  field
    .split(".")
    .filter((name) => OWN_NAMES.has(name))
    .slice(0, 2)
    .join(".");

/** An origin as far as it is one: a header can hold anything, and a log should not. */
export function originOf({ headers }: Pick<Call, "headers">): string {
  const origin = headers.get("origin") ?? "none";
  return /^(none|null|[a-z-]+:\/\/[\w.:[\]-]{1,200})$/i.test(origin) ? origin : "malformed";
}
