import type { JWTPayload } from "jose";
import { Problem } from "../problems.ts";
import { PROOF_AUDIENCE } from "../protocol.ts";
import { isSignedWith } from "./hs256.ts";
import { readHeader } from "./jwt-header.ts";
import { CLOCK_TOLERANCE_S, checkIsPast, checkTimes, claimsProblem, LONGEST_LIFE } from "./jwt-refusal.ts";
import { readId, readTraits } from "./proven-traits.ts";
import { otherFormOf } from "./secret-forms.ts";

/** What one part of a proof is, and whether it stands in the way. */
export interface Finding {
  /** A claim's name, `header` or `signature`. */
  part: string;
  stands: "good" | "in the way" | "left out";
  detail: string;
}

/**
 * Looks at each part of a backend's JWT (HS256) by itself, so that somebody who looks for a mistake sees all of them; an
 * exchange stops at the first.
 * @returns `undefined` where the proof is an issuer's, which its keys alone can tell of
 */
export function examine(proof: string, secrets: readonly string[]): Finding[] | undefined {
  const header = found("header", () => {
    const { alg } = readHeader(proof);
    return `alg ${JSON.stringify(alg)}`;
  });
  if (header.stands !== "good") return [header];
  if (readHeader(proof).alg !== "HS256") return undefined;
  const payload = payloadOf(proof);
  if (!payload) return [header, { part: "payload", stands: "in the way", detail: "is not a JSON object" }];
  return [header, signatureOf(proof, secrets), ...claimsOf(payload)];
}

function signatureOf(proof: string, secrets: readonly string[]): Finding {
  const index = secrets.findIndex((secret) => isSignedWith(proof, secret));
  if (index >= 0) {
    const which = secrets.length > 1 ? `secret ${index + 1} of ${secrets.length}` : "the secret";
    return { part: "signature", stands: "good", detail: `verifies with ${which} in VAMBE_IDENTITY_SECRET` };
  }
  const form = otherFormOf(proof, secrets);
  const detail = form
    ? `verifies with ${form}: sign with the secret's text as it stands`
    : "verifies with no secret in VAMBE_IDENTITY_SECRET: compare it with the one that your backend signs with";
  return { part: "signature", stands: "in the way", detail };
}

function claimsOf(payload: JWTPayload): Finding[] {
  const { traits, ignored } = readTraits(payload);
  const { fields, ...own } = traits;
  const given = Object.entries({ ...own, ...fields }).filter(([, value]) => typeof value === "string");
  return [
    found("sub", () => readId(payload.sub, "sub", claimsProblem)),
    found("aud", () => {
      if ([payload.aud].flat().includes(PROOF_AUDIENCE)) return PROOF_AUDIENCE;
      throw new Problem("proof-audience", `must be "${PROOF_AUDIENCE}"`);
    }),
    found("exp", () => {
      const { exp, iat: _, ...rest } = payload;
      checkTimes(exp === undefined ? rest : { ...rest, exp }, LONGEST_LIFE);
      const left = Math.round(Number(exp) - Date.now() / 1000);
      if (typeof exp !== "number") throw new Problem("proof-lifetime", "is not a number");
      if (left <= -CLOCK_TOLERANCE_S)
        throw new Problem("proof-expired", `passed ${-left} seconds ago by this machine's clock`);
      return `in ${left} seconds`;
    }),
    ...(["iat", "nbf"] as const)
      .filter((claim) => payload[claim] !== undefined)
      .map((claim) =>
        found(claim, () => {
          checkIsPast(claim, payload[claim]);
          return `${Math.round(Date.now() / 1000 - Number(payload[claim]))} seconds ago`;
        }),
      ),
    ...given.map(([part, value]): Finding => ({ part, stands: "good", detail: JSON.stringify(value) })),
    ...ignored.map(
      ({ trait }): Finding => ({
        part: trait,
        stands: "left out",
        detail: "is a list, an object or too long a text",
      }),
    ),
  ];
}

/** A part that is good where `look` says what it is, and stands in the way where it throws a problem. */
function found(part: string, look: () => string): Finding {
  try {
    return { part, stands: "good", detail: look() };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const [mistake] = error.errors;
    const detail = mistake?.detail ?? error.message.replace(`The proof's \`${part}\` `, "");
    return { part, stands: "in the way", detail };
  }
}

function payloadOf(proof: string): JWTPayload | undefined {
  try {
    const payload = JSON.parse(Buffer.from(proof.split(".")[1] ?? "", "base64url").toString());
    return typeof payload === "object" && payload !== null && !Array.isArray(payload) ? payload : undefined;
  } catch {
    return undefined;
  }
}
