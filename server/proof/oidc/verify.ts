import { type CryptoKey, decodeJwt, errors, type JWTPayload, jwtVerify } from "jose";
import { Problem } from "../../problems.ts";
import { readActor } from "../actor.ts";
import {
  CLOCK_TOLERANCE_S,
  checkIsPast,
  checkTimes,
  claimsProblem,
  problemOf,
  provenAtOf,
  useOf,
} from "../jwt-refusal.ts";
import type { Proven } from "../proof.ts";
import { readId, readTraits } from "../proven-traits.ts";
import { checkIsIdToken } from "./id-token.ts";
import { isVerified, traitsOf, VERIFIED_BY } from "./id-token-traits.ts";
import { type Issuer, isAlmost, isNameOf, mayBeOf } from "./issuer.ts";
import { IssuerKeys, type KeySource } from "./issuer-keys.ts";
import { type IssuerHeader, unusableKey } from "./key-set.ts";

/** Checks a proof whose header has been read, and found to be of an issuer's kind. @throws {Problem} */
export type VerifyByIssuer = (proof: string, header: IssuerHeader) => Promise<Proven>;

/** Issuers' ID tokens live longer than a backend's proofs: Firebase's an hour, Auth0's ten, Cognito's up to a day. */
const LONGEST_LIFE = { seconds: 24 * 3600, words: "24 hours" };

/**
 * An ID token of one of the issuers, made for one of the apps that are listed for it. Whose it is, its `iss` says,
 * before anybody is asked for keys; each issuer's keys are kept for themselves.
 */
export function verifyByIssuer(issuers: readonly Issuer[], source: KeySource): VerifyByIssuer {
  const known = issuers.map((issuer) => ({ issuer, keys: new IssuerKeys(issuer, source) }));
  return async (proof, header) => {
    const iss = issIn(proof);
    const its = known.find(({ issuer }) => mayBeOf(issuer, iss));
    if (!its) throw strangeIssuer(iss, issuers);
    const { keys, name } = await its.keys.keysFor(header);
    if (!isNameOf(name, iss)) throw strangeIssuer(iss, issuers);
    const payload = await verifyByOneOf(keys, proof, header);
    return provenBy(its.issuer, name, payload);
  };
}

function provenBy(issuer: Issuer, name: string, payload: JWTPayload): Proven {
  checkIsIdToken(payload, issuer.audience);
  checkTimes(payload, LONGEST_LIFE);
  checkIsPast("auth_time", payload.auth_time);
  const said = traitsOf(payload, issuer.trustEmail);
  const { traits, ignored } = readTraits(said.traits);
  return {
    id: readId(idIn(payload, issuer), issuer.idClaim, claimsProblem),
    by: "id_token",
    traits,
    ignored: [...said.ignored, ...ignored],
    actor: readActor(payload.act, claimsProblem),
    mayAct: payload.may_act,
    provenAt: provenAtOf(payload, LONGEST_LIFE),
    use: { issuer: name, ...useOf(payload) },
  };
}

/** @throws {Problem} where the claim is not there, or is one that its owner may have made up */
function idIn(payload: JWTPayload, { idClaim, trustEmail }: Issuer): unknown {
  if (!Object.hasOwn(payload, idClaim)) {
    throw claimsProblem([
      { field: idClaim, detail: "is required: VAMBE_OIDC_ID_CLAIM says that it has the user's id" },
    ]);
  }
  if (!isVerified(payload, idClaim, trustEmail)) {
    throw claimsProblem([
      {
        field: VERIFIED_BY[idClaim]?.[0] ?? idClaim,
        detail: `must be true, since \`${idClaim}\` is the user's id here: users can write what is not verified themselves`,
      },
    ]);
  }
  return payload[idClaim];
}

/** Tries each key that the header may mean. @throws {Problem} */
async function verifyByOneOf(
  keys: readonly CryptoKey[],
  proof: string,
  { alg }: IssuerHeader,
): Promise<JWTPayload> {
  let refusal = unusableKey();
  for (const key of keys) {
    try {
      const { payload } = await jwtVerify(proof, key, {
        algorithms: [alg],
        requiredClaims: ["exp", "iat", "sub"],
        clockTolerance: CLOCK_TOLERANCE_S,
      });
      return payload;
    } catch (error) {
      // What is not jose's own error is about the key, which is too short or broken: the next may do.
      refusal = error instanceof errors.JOSEError ? problemOf(error) : unusableKey();
      if (error instanceof errors.JOSEError && !(error instanceof errors.JWSSignatureVerificationFailed))
        break;
    }
  }
  throw refusal;
}

/** Who the token says has made it, which is not yet known to be true. @throws {Problem} */
function issIn(proof: string): unknown {
  try {
    return decodeJwt(proof).iss;
  } catch {
    throw new Problem("proof-malformed", "The proof's claims are not a JSON object.");
  }
}

function strangeIssuer(iss: unknown, issuers: readonly Issuer[]): Problem {
  const almost = issuers.some(({ url }) => isAlmost(url, iss))
    ? ": it differs only in upper case, a default port or a slash at the end, so write the setting as the token has it"
    : "";
  return new Problem("proof-claims", "The proof is of an issuer that this exchange does not know.", {
    errors: [{ field: "iss", detail: `must be an issuer in VAMBE_OIDC_ISSUER, letter by letter${almost}` }],
  });
}
