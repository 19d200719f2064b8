import { errors, type JWTPayload } from "jose";
import type { z } from "zod";
import { type FieldError, Problem } from "../problems.ts";
import { fieldErrors } from "../protocol.ts";

/** How far two clocks may differ, in seconds. */
export const CLOCK_TOLERANCE_S = 60;

/** Why jose does not accept a proof, for the page. Whatever is not jose's own is thrown on. */
export function problemOf(error: unknown): Problem {
  if (error instanceof errors.JWTExpired)
    return new Problem("proof-expired", "The proof's `exp` has passed.");
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === "aud")
      return new Problem("proof-audience", "The proof's `aud` is not this exchange.");
    if (error.claim === "sub") return claimsProblem([{ field: "sub", detail: "is required: the user's id" }]);
    if (error.claim === "iss")
      return claimsProblem([{ field: "iss", detail: "must be the issuer in VAMBE_OIDC_ISSUER" }]);
    return new Problem(
      "proof-lifetime",
      `The proof's \`${error.claim}\` is missing, not a number, or in the future.`,
    );
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) {
    return new Problem("proof-signature", "The issuer's key does not verify the proof's signature.");
  }
  if (error instanceof errors.JOSEError) {
    return new Problem("proof-malformed", "The proof is not a JWT that can be verified.");
  }
  throw error;
}

/** The bounds that jose does not set. @throws {Problem} */
export function checkTimes({ exp, iat }: JWTPayload, longest: { seconds: number; words: string }): void {
  const now = Date.now() / 1000;
  if (exp === undefined || exp - now > longest.seconds + CLOCK_TOLERANCE_S) {
    throw new Problem(
      "proof-lifetime",
      `The proof's \`exp\` must be at most ${longest.words} ahead, in seconds since the epoch.`,
    );
  }
  if (iat !== undefined && isInFuture(iat, now)) {
    throw new Problem("proof-lifetime", "The proof's `iat` lies in the future or is not a number.");
  }
}

/** Clocks may differ. What is not a number is in the future too. */
export const isInFuture = (time: unknown, now = Date.now() / 1000) =>
  typeof time !== "number" || time - now > CLOCK_TOLERANCE_S;

export const claimsProblem = (mistakes: FieldError[] | z.ZodError) =>
  new Problem("proof-claims", "The proof verifies, but its claims are not valid.", {
    errors: Array.isArray(mistakes) ? mistakes : fieldErrors(mistakes),
  });

/**
 * Of when a proof is, in milliseconds since the epoch: its `iat` or, where it has none, the earliest time that a proof of
 * its `exp` can have been made at.
 */
export const provenAtOf = ({ iat, exp = 0 }: JWTPayload, longest: { seconds: number }): number =>
  Math.floor((iat ?? exp - longest.seconds) * 1000);

/** What tells this proof from others like it. `exp` in seconds since the epoch, as the claim has it. */
export const useOf = ({ jti, exp = 0 }: JWTPayload) => ({
  jti: typeof jti === "string" ? jti : undefined,
  exp,
});
