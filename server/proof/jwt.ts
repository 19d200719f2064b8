import { createSecretKey, type KeyObject } from "node:crypto";
import { decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from "jose";
import { fieldErrors } from "../field-errors.ts";
import { type FieldError, Problem } from "../problems.ts";
import { traits, userId } from "../protocol.ts";
import type { Prove, Proven } from "./proof.ts";

/** Who a proof is made for. */
export const PROOF_AUDIENCE = "vambe-identity";
/** How far two clocks may differ, and how far ahead a proof may expire: seconds. */
const CLOCK_TOLERANCE_S = 60;
const LONGEST_LIFE_S = 3600;

const claims = traits.extend({ sub: userId });

/**
 * A JWT (HS256) signed by the site's backend with a secret that the exchange shares. All its claims are
 * proven: `sub` is the id, beside it `name`, `email`, `plan` and `fields`.
 */
export function proveByJwt(secrets: readonly string[]): Prove {
  const keys = secrets.map((secret) => createSecretKey(secret, "utf8"));
  return async ({ proof }) => {
    if (proof === undefined || keys.length === 0) return undefined;
    checkHeader(proof);
    const payload = await verify(proof, keys);
    checkTimes(payload);
    return readClaims(payload);
  };
}

function checkHeader(proof: string): void {
  const header = readHeader(proof);
  if (header.alg !== "HS256") {
    throw new Problem("proof-malformed", "The proof's `alg` must be HS256.");
  }
  // The token that the exchange itself issues has a type of its own, and so has every other kind of JWT
  // that RFC 8725 §3.11 tells apart. None of them proves a sign-in.
  if (header.typ !== undefined && !(typeof header.typ === "string" && header.typ.toUpperCase() === "JWT")) {
    throw new Problem("proof-malformed", "The proof's `typ` must be JWT, or left out.");
  }
}

/** The letters are checked here: a decoder that passes over strange ones would take many strings for one proof. */
function readHeader(proof: string): { alg?: unknown; typ?: unknown } {
  try {
    if (/^[\w-]+\.[\w-]+\.[\w-]*$/.test(proof)) return decodeProtectedHeader(proof);
  } catch {
    // Not JSON inside.
  }
  throw new Problem(
    "proof-malformed",
    "`proof` is not a compact JWT: three base64url parts with dots between.",
  );
}

/** Tries each secret: during a rotation, pages signed with the older one are still open. */
async function verify(proof: string, keys: readonly KeyObject[]): Promise<JWTPayload> {
  for (const key of keys) {
    try {
      const { payload } = await jwtVerify(proof, key, {
        algorithms: ["HS256"],
        audience: PROOF_AUDIENCE,
        requiredClaims: ["exp", "sub", "aud"],
        clockTolerance: CLOCK_TOLERANCE_S,
      });
      return payload;
    } catch (error) {
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw problemOf(error);
    }
  }
  throw new Problem("proof-signature", "No secret of this exchange verifies the proof's signature.");
}

function problemOf(error: unknown): Problem {
  if (error instanceof errors.JWTExpired)
    return new Problem("proof-expired", "The proof's `exp` has passed.");
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === "aud")
      return new Problem("proof-audience", `The proof's \`aud\` must be "${PROOF_AUDIENCE}".`);
    if (error.claim === "sub") return claimsProblem([{ field: "sub", detail: "is required: the user's id" }]);
    return new Problem(
      "proof-lifetime",
      `The proof's \`${error.claim}\` is missing, not a number, or in the future.`,
    );
  }
  if (error instanceof errors.JOSEError) {
    return new Problem("proof-malformed", "The proof is not a JWT that can be verified.");
  }
  throw error;
}

function checkTimes({ exp, iat }: JWTPayload): void {
  const now = Date.now() / 1000;
  if (exp === undefined || exp - now > LONGEST_LIFE_S + CLOCK_TOLERANCE_S) {
    throw new Problem(
      "proof-lifetime",
      "The proof's `exp` must be at most one hour ahead, in seconds since the epoch.",
    );
  }
  if (iat !== undefined && (typeof iat !== "number" || iat - now > CLOCK_TOLERANCE_S)) {
    throw new Problem("proof-lifetime", "The proof's `iat` lies in the future or is not a number.");
  }
}

function readClaims(payload: JWTPayload): Proven {
  const result = claims.safeParse(payload);
  if (!result.success) throw claimsProblem(fieldErrors(result.error));
  const { sub, ...proven } = result.data;
  return { id: sub, traits: proven };
}

const claimsProblem = (mistakes: FieldError[]) =>
  new Problem("proof-claims", "The proof verifies, but its claims are not valid.", { errors: mistakes });
