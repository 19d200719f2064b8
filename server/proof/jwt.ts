import { createSecretKey, type KeyObject } from "node:crypto";
import type { JWTPayload } from "jose";
import { Problem } from "../problems.ts";
import { PROOF_AUDIENCE } from "../protocol.ts";
import { readActor } from "./actor.ts";
import { claimsIn, isSignedWith } from "./hs256.ts";
import { readHeader } from "./jwt-header.ts";
import {
  CLOCK_TOLERANCE_S,
  checkTimes,
  claimsProblem,
  LONGEST_LIFE,
  problemOf,
  provenAtOf,
  useOf,
} from "./jwt-refusal.ts";
import { isVerified } from "./oidc/id-token-traits.ts";
import type { VerifyByIssuer } from "./oidc/verify.ts";
import type { Prove, Proven } from "./proof.ts";
import { readId, readTraits } from "./proven-traits.ts";
import { otherFormOf } from "./secret-forms.ts";

/** Told which of the secrets has verified a proof, and the `kid` in the proof's header. */
type SecretVerified = (index: number, kid: string | undefined) => void;

/**
 * A JWT. HS256 is checked with the secrets that the site's backend shares, and with nothing else; RS256, ES256
 * and EdDSA with the keys of the issuer, and with nothing else. So no public key can ever serve as a secret.
 * The same HS256 proof needs no second look until it expires; an issuer's key can be withdrawn at any time, so
 * its proofs are always verified.
 */
export function proveByJwt(
  secrets: readonly string[],
  secretVerified: SecretVerified = () => {},
  byIssuer?: VerifyByIssuer,
): Prove {
  const keys = secrets.map(keyOf);
  return async ({ proof, isIdToken }) => {
    if (proof === undefined || (keys.length === 0 && !byIssuer)) return undefined;
    const header = readHeader(proof);
    switch (header.alg) {
      case "HS256":
        if (isIdToken) {
          throw new Problem("proof-malformed", "The token is called an ID token, and is a JWT of a backend.");
        }
        if (keys.length > 0) {
          const { index, proven, expiresAt } = verifyBySecret(proof, keys, secrets);
          const count = () => secretVerified(index, header.kid);
          count();
          return { ...proven, again: { until: expiresAt, count } };
        }
        break;
      case "RS256":
      case "ES256":
      case "EdDSA":
      case "Ed25519":
        if (byIssuer) return byIssuer(proof, { alg: header.alg, kid: header.kid });
        break;
    }
    const accepted = [
      ...(keys.length > 0 ? ["HS256"] : []),
      ...(byIssuer ? ["RS256", "ES256", "EdDSA", "Ed25519"] : []),
    ];
    throw new Problem("proof-malformed", `The proof's \`alg\` must be ${accepted.join(", ")}.`);
  };
}

/** As a KeyObject, or the text would be made into one for each proof. */
const keyOf = (secret: string): KeyObject => createSecretKey(Buffer.from(secret));

/** `phone` as in a page, or OpenID Connect's `phone_number`, of which a backend may say that nobody has verified it. */
function phoneIn(payload: JWTPayload): unknown {
  if (payload.phone !== undefined) return payload.phone;
  const isOurs = isVerified({ phone_number_verified: true, ...payload }, "phone_number", false);
  return isOurs ? payload.phone_number : undefined;
}

interface VerifiedBySecret {
  /** Of the secret. */
  index: number;
  proven: Proven;
  /** Milliseconds since the epoch. */
  expiresAt: number;
}

function verifyBySecret(
  proof: string,
  keys: readonly KeyObject[],
  secrets: readonly string[],
): VerifiedBySecret {
  const index = secretThatSigned(proof, keys, secrets);
  const payload = backendClaims(proof);
  checkTimes(payload, LONGEST_LIFE);
  const use = useOf(payload);
  const proven = {
    ...readTraits({ ...payload, phone: phoneIn(payload) }),
    id: readId(payload.sub, "sub", claimsProblem),
    by: "jwt" as const,
    actor: readActor(payload.act, claimsProblem),
    mayAct: payload.may_act,
    provenAt: provenAtOf(payload, LONGEST_LIFE),
    use,
  };
  return { index, proven, expiresAt: use.exp * 1000 };
}

/** Tries each secret: during a rotation, pages signed with the older one are still open. @throws {Problem} */
function secretThatSigned(proof: string, keys: readonly KeyObject[], secrets: readonly string[]): number {
  const index = keys.findIndex((key) => isSignedWith(proof, key));
  if (index >= 0) return index;
  const form = otherFormOf(proof, secrets);
  throw new Problem(
    "proof-signature",
    form === undefined
      ? "No secret of this exchange verifies the proof's signature."
      : `The proof's signature verifies with ${form}: sign with the secret's text as it stands.`,
  );
}

/** @throws {Problem} */
function backendClaims(proof: string): JWTPayload {
  try {
    return claimsIn(proof, { audience: PROOF_AUDIENCE, clockTolerance: CLOCK_TOLERANCE_S });
  } catch (error) {
    throw problemOf(error);
  }
}
