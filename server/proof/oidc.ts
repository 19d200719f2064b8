import { type JWTPayload, jwtVerify } from "jose";
import { Problem } from "../problems.ts";
import { readActor } from "./actor.ts";
import {
  CLOCK_TOLERANCE_S,
  checkTimes,
  claimsProblem,
  isInFuture,
  problemOf,
  provenAtOf,
  useOf,
} from "./jwt-refusal.ts";
import type { IssuerHeader, IssuerKeys } from "./oidc-keys.ts";
import { traitsOf } from "./oidc-traits.ts";
import type { Proven } from "./proof.ts";
import { readId, readTraits } from "./proven-traits.ts";

/** Checks a proof whose header has been read, and found to be of the issuer's kind. @throws {Problem} */
export type VerifyByIssuer = (proof: string, header: IssuerHeader) => Promise<Proven>;

/** Issuers' ID tokens live longer than a backend's proofs: Firebase's an hour, Auth0's ten, Cognito's up to a day. */
const LONGEST_LIFE = { seconds: 24 * 3600, words: "24 hours" };

/** An ID token of the OpenID provider in `VAMBE_OIDC_ISSUER`, made for one of `VAMBE_OIDC_AUDIENCE`. */
export function verifyByIssuer(keys: IssuerKeys, audience: readonly string[]): VerifyByIssuer {
  const isOurs = (client: unknown) => typeof client === "string" && audience.includes(client);
  return async (proof, header) => {
    const { key, issuer } = await keys.keyFor(header);
    const { payload } = await jwtVerify(proof, key, {
      algorithms: [header.alg],
      issuer,
      requiredClaims: ["exp", "iat", "sub"],
      clockTolerance: CLOCK_TOLERANCE_S,
    }).catch((error: unknown) => {
      throw problemOf(error);
    });
    checkAudience(payload, isOurs);
    checkKind(payload);
    checkTimes(payload, LONGEST_LIFE);
    if (payload.auth_time !== undefined && isInFuture(payload.auth_time)) {
      throw new Problem("proof-lifetime", "The proof's `auth_time` lies in the future or is not a number.");
    }
    return {
      ...readTraits(traitsOf(payload)),
      id: readId(payload.sub, "sub", claimsProblem),
      actor: readActor(payload.act, claimsProblem),
      mayAct: payload.may_act,
      provenAt: provenAtOf(payload, LONGEST_LIFE),
      use: { issuer, ...useOf(payload) },
    };
  };
}

/**
 * `aud` decides; `azp` only where there is none (Clerk), or where there are several (OpenID Connect Core
 * §3.1.3.7). A `client_id` says to whom an OAuth server has given the token, whatever its audience (Supabase).
 */
function checkAudience({ aud, azp, client_id }: JWTPayload, isOurs: (client: unknown) => boolean): void {
  const several = Array.isArray(aud) && aud.length > 1;
  const holds = aud === undefined ? isOurs(azp) : [aud].flat().some(isOurs) && (!several || isOurs(azp));
  if (!holds || (client_id !== undefined && !isOurs(client_id))) {
    throw new Problem(
      "proof-audience",
      several
        ? "The proof has several `aud`: one of them, and its `azp`, must be in VAMBE_OIDC_AUDIENCE."
        : "The proof's `aud` (where it has none, its `azp`), and a `client_id`, must be in VAMBE_OIDC_AUDIENCE.",
    );
  }
}

/**
 * Providers whose access tokens look like their ID tokens tell them apart by a claim: Cognito by `token_use`,
 * Keycloak by `typ`. An access token is shown to other services, and any of them could bring it here. A Clerk
 * session that still waits for a second factor says `pending` in `sts`.
 */
function checkKind({ token_use = "id", typ = "ID", sts = "active" }: JWTPayload): void {
  if (token_use !== "id" || typ !== "ID" || sts !== "active") {
    throw new Problem("proof-malformed", "The proof must be an ID token, and its session complete.");
  }
}
