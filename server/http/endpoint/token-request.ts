import { PROBLEMS, Problem, type ProblemSlug } from "../../problems.ts";
import type { Evidence } from "../../proof/proof.ts";
import { type IdentifyAnswer, LIMITS } from "../../protocol.ts";
import type { AllowedOrigins } from "../cors.ts";

/** The same exchange in the form of OAuth 2.0 Token Exchange (RFC 8693). */
const GRANT = "urn:ietf:params:oauth:grant-type:token-exchange";
const TYPE = "urn:ietf:params:oauth:token-type:";
const JWT = `${TYPE}jwt`;
const ID_TOKEN = `${TYPE}id_token`;
const TOKEN_TYPES = [JWT, ID_TOKEN];
const REQUESTED_TYPES = [JWT, `${TYPE}access_token`];

/** An error code of RFC 6749 §5.2 or RFC 8693 §2.2.2. */
class TokenError extends Error {
  readonly code: string;

  constructor(code: string, description: string) {
    super(description);
    this.code = code;
  }
}

interface TokenRequest {
  evidence: Omit<Evidence, "request">;
  /** The origin that the token is for. */
  audience: string;
  /** What the token that comes back is called. */
  tokenType: string;
  scopeAsked: boolean;
}

/** The value of a field that may be given once; an empty one counts as none. */
type FormValue = (name: string) => string | undefined;

/**
 * Reads the form of `POST /token`.
 * @param origin of the page, or `undefined` where a client asks that is no browser
 * @throws {TokenError}
 */
export function readTokenRequest(
  type: string | undefined,
  text: string,
  origin: string | undefined,
  allowedOrigins: Pick<AllowedOrigins, "allows" | "only">,
): TokenRequest {
  if (type !== "application/x-www-form-urlencoded") {
    throw new TokenError("invalid_request", "The Content-Type must be application/x-www-form-urlencoded.");
  }
  const form = new URLSearchParams(text);
  const one: FormValue = (name) => {
    const values = form.getAll(name).filter((value) => value !== "");
    if (values.length > 1) throw new TokenError("invalid_request", `${name} may be given once.`);
    return values[0];
  };
  if (one("grant_type") !== GRANT) {
    throw new TokenError("unsupported_grant_type", `grant_type must be ${GRANT}.`);
  }
  const subject = tokenIn(one, "subject_token");
  const actor = tokenIn(one, "actor_token");
  if (subject === undefined) {
    throw new TokenError("invalid_request", "subject_token is required: the proof, a JWT.");
  }
  const tokenType = one("requested_token_type") ?? JWT;
  if (!REQUESTED_TYPES.includes(tokenType)) {
    throw new TokenError("invalid_request", `requested_token_type must be ${REQUESTED_TYPES.join(" or ")}.`);
  }
  return {
    evidence: {
      user: {},
      proof: subject.token,
      isIdToken: subject.isIdToken,
      ...(actor && { actorProof: actor.token, actorIsIdToken: actor.isIdToken }),
    },
    audience: audienceOf(form, origin, allowedOrigins),
    tokenType,
    scopeAsked: one("scope") !== undefined,
  };
}

/** A token of the form, with its type. @throws {TokenError} */
function tokenIn(
  one: FormValue,
  name: "subject_token" | "actor_token",
): { token: string; isIdToken: boolean } | undefined {
  const token = one(name);
  const type = one(`${name}_type`);
  if (token === undefined && type !== undefined && name === "actor_token") {
    throw new TokenError("invalid_request", "actor_token_type must not be there without an actor_token.");
  }
  if (token === undefined) return undefined;
  if (token.length > LIMITS.proof) {
    throw new TokenError("invalid_request", `${name} must be at most ${LIMITS.proof} characters.`);
  }
  if (!TOKEN_TYPES.includes(type ?? "")) {
    throw new TokenError("invalid_request", `${name}_type must be ${TOKEN_TYPES.join(" or ")}.`);
  }
  return { token, isIdToken: type === ID_TOKEN };
}

/** Whom the token is for: the page that asks, or the one of the allowed origins that another client names. */
function audienceOf(
  form: URLSearchParams,
  origin: string | undefined,
  allowed: Pick<AllowedOrigins, "allows" | "only">,
): string {
  const named = [...form.getAll("audience"), ...form.getAll("resource").map(originOf)].filter(Boolean);
  const audience = origin ?? named[0] ?? allowed.only;
  if (audience === undefined || !allowed.allows(audience) || named.some((name) => name !== audience)) {
    throw new TokenError(
      "invalid_target",
      "audience, and resource, must be one of VAMBE_ALLOWED_ORIGINS; from a page, its own origin.",
    );
  }
  return audience;
}

/** A resource is a URI of what the token is for (RFC 8707), and a token is for an origin. */
const originOf = (resource: string): string => {
  const url = URL.parse(resource);
  if (!url || url.hash) return resource;
  // Of an app's scheme there is no origin by the standard.
  const origin = `${url.protocol}//${url.host}`;
  return url.host && (url.origin === origin || url.origin === "null") ? origin : resource;
};

/** RFC 8693 §2.2.1. */
export function tokenAnswer(answer: IdentifyAnswer, { tokenType, scopeAsked }: TokenRequest) {
  return {
    access_token: answer.token,
    issued_token_type: tokenType,
    token_type: "Bearer",
    expires_in: answer.expires_in,
    // Another scope than was asked for has to be told (RFC 6749 §3.3): our tokens have none.
    ...(scopeAsked && { scope: "" }),
    // Beside what RFC 8693 has: what became of the user's traits.
    status: answer.status,
    applied: answer.applied,
    ignored: answer.ignored,
    request_id: answer.request_id,
    ...(answer.webchat_token !== undefined && { webchat_token: answer.webchat_token }),
  };
}

/** The answer to an error that the caller made, as RFC 6749 §5.2 has it; `undefined` where it is of another kind. */
export function tokenRefusal(error: unknown, publicUrl: string, requestId: string) {
  if (error instanceof TokenError) {
    const body = { error: error.code, error_description: error.message, request_id: requestId };
    return { status: 400 as const, problem: error.code, body, headers: {} };
  }
  if (!(error instanceof Problem)) return undefined;
  const { status } = PROBLEMS[error.slug];
  return {
    // RFC 6749 has 400 for whatever is wrong with a grant; what is not the client's doing keeps its own status.
    status: status === 401 ? (400 as const) : status,
    problem: error.slug,
    body: {
      error: codeOf(error.slug),
      error_description: withFields(error)
        .replace(/["\\`]/g, "'")
        .replace(/[^\x20-\x7e]/g, " "),
      error_uri: `${publicUrl}/problems/${error.slug}`,
      request_id: requestId,
    },
    headers: error.headers,
  };
}

/** OAuth's answer has one sentence for all. */
const withFields = ({ message, errors }: Problem) =>
  [message, ...errors.map(({ field, detail }) => `${field} ${detail}.`)].join(" ");

function codeOf(slug: ProblemSlug): string {
  if (slug === "issuer-unavailable" || slug === "storage-unavailable") return "temporarily_unavailable";
  return slug === "origin-not-allowed" || slug === "not-fetch" ? "unauthorized_client" : "invalid_request";
}
