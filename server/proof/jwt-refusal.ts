import { errors, type JWTPayload } from "jose";
import type { z } from "zod/mini";
import { type FieldError, Problem } from "../problems.ts";
import { fieldErrors, PROOF_AUDIENCE } from "../protocol.ts";

/** How far two clocks may differ, in seconds. */
export const CLOCK_TOLERANCE_S = 60;

/** How far ahead a backend's proof may expire. */
export const LONGEST_LIFE = { seconds: 3600, words: "one hour" };

/** Why jose does not accept a proof, for the page. Whatever is not jose's own is thrown on. */
export function problemOf(error: unknown): Problem {
  if (error instanceof errors.JWTExpired) {
    const ago = Math.round(Date.now() / 1000 - Number(error.payload.exp));
    return new Problem(
      "proof-expired",
      `The proof's \`exp\` passed ${ago} seconds ago by the exchange's clock.`,
    );
  }
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === "aud")
      return new Problem("proof-audience", `The proof's \`aud\` must be "${PROOF_AUDIENCE}".`);
    if (error.claim === "sub") return claimsProblem([{ field: "sub", detail: "is required: the user's id" }]);
    return lifetimeProblem(error.claim, error.payload[error.claim]);
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) {
    return new Problem("proof-signature", "The issuer's key does not verify the proof's signature.");
  }
  if (error instanceof errors.JOSEError) {
    return new Problem("proof-malformed", "The proof is not a JWT that can be verified.");
  }
  throw error;
}

/** A time of this many seconds lies in the year 5138: it is one in milliseconds. */
const MILLISECONDS_FROM = 100_000_000_000;

/** What is wrong with a time that is not acceptable. Times are no secret, and how far off one is tells whose fault it is. */
function lifetimeProblem(claim: string, time: unknown): Problem {
  const detail = (): string => {
    if (time === undefined) return "is missing: add it, in seconds since the epoch";
    if (!Number.isFinite(time)) return "is not a number of seconds since the epoch";
    const seconds = Number(time);
    if (seconds > MILLISECONDS_FROM) return "is in milliseconds: divide it by 1000";
    const ahead = Math.round(seconds - Date.now() / 1000);
    return `is ${ahead} seconds ahead of the exchange's clock: compare the clocks of the two servers`;
  };
  return new Problem("proof-lifetime", `The proof's \`${claim}\` ${detail()}.`);
}

/** The bounds that jose does not set. @throws {Problem} */
export function checkTimes({ exp, iat }: JWTPayload, longest: { seconds: number; words: string }): void {
  const now = Date.now() / 1000;
  if (exp === undefined || exp > MILLISECONDS_FROM) throw lifetimeProblem("exp", exp);
  if (exp - now > longest.seconds + CLOCK_TOLERANCE_S) {
    throw new Problem(
      "proof-lifetime",
      `The proof's \`exp\` must be at most ${longest.words} ahead, in seconds since the epoch.`,
    );
  }
  checkIsPast("iat", iat);
}

/** Of a time that a token may have, and that cannot lie ahead by more than clocks differ. @throws {Problem} */
export function checkIsPast(claim: string, time: unknown): void {
  if (time === undefined) return;
  if (typeof time !== "number" || time - Date.now() / 1000 > CLOCK_TOLERANCE_S) {
    throw lifetimeProblem(claim, time);
  }
}

export const claimsProblem = (mistakes: FieldError[] | z.core.$ZodError) =>
  new Problem("proof-claims", "The proof verifies, but its claims are not valid.", {
    errors: Array.isArray(mistakes) ? mistakes : fieldErrors(mistakes),
  });

/**
 * Of when a proof is, in milliseconds since the epoch and never before it: its `iat` or, where it has none, the earliest time that a proof of
 * its `exp` can have been made at.
 */
export const provenAtOf = ({ iat, exp = 0 }: JWTPayload, longest: { seconds: number }): number =>
  Math.max(0, Math.floor((iat ?? exp - longest.seconds) * 1000));

/** Of when that is what is asked for now, as whole seconds: a JWT of the same moment is as new, and has no finer `iat`. */
export const provenNow = () => Math.floor(Date.now() / 1000) * 1000;

/** What tells this proof from others like it. `exp` in seconds since the epoch, as the claim has it. */
export const useOf = ({ jti, exp = 0 }: JWTPayload) => ({
  jti: typeof jti === "string" ? jti : undefined,
  exp,
});
