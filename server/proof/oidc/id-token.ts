import type { JWTPayload } from "jose";
import { Problem } from "../../problems.ts";

/**
 * Tokens of an issuer that look like its ID tokens, by the claim that tells them apart. An access token is shown to
 * other services, and any of them could bring it here; a logout token says that somebody is *not* signed in; a
 * token that is bound to a key counts only with a proof of that key, which no page brings along.
 * Sources: OpenID Connect Back-Channel Logout §2.4, RFC 8417 §2.2 (`events`), RFC 9068 §2.2.3 (`scope`),
 * RFC 7800 §3 (`cnf`); Cognito has `token_use`, Keycloak `typ`, Okta and Entra `scp`, Clerk `sts`.
 */
const OTHERS: readonly { claim: string; isOther(value: unknown): boolean; says: string }[] = [
  { claim: "events", isOther: isThere, says: "is a logout token or another security event" },
  { claim: "scope", isOther: isThere, says: "is an access token" },
  { claim: "scp", isOther: isThere, says: "is an access token" },
  { claim: "token_use", isOther: (use) => isThere(use) && use !== "id", says: "is an access token" },
  {
    claim: "typ",
    isOther: (typ) => isThere(typ) && typ !== "ID",
    says: "is an access, refresh or logout token",
  },
  { claim: "cnf", isOther: isThere, says: "is bound to a key, which a page cannot prove to have" },
  {
    claim: "sts",
    isOther: (sts) => isThere(sts) && sts !== "active",
    says: "is of a session that waits for another step of the sign-in",
  },
];

/** @throws {Problem} where a token, whose signature is true, is no ID token for one of `audience` */
export function checkIsIdToken(payload: JWTPayload, audience: readonly string[]): void {
  const other = OTHERS.find(({ claim, isOther }) => isOther(payload[claim]));
  if (other) {
    throw new Problem(
      "proof-malformed",
      `By its \`${other.claim}\` the proof ${other.says}. Send the ID token that the issuer made for your app once the user is signed in.`,
    );
  }
  checkAudience(payload, (client) => audience.some((ours) => ours === client));
}

/**
 * `aud` says whom a token is made for, `azp` who was given it: where it is there, it has to be one of ours too
 * (OpenID Connect Core §3.1.3.7, points 3 to 5). Clerk has `azp` alone. A `client_id` says to whom an OAuth server
 * has given the token, whatever its audience (Supabase).
 */
function checkAudience({ aud, azp, client_id }: JWTPayload, isOurs: (client: unknown) => boolean): void {
  const several = Array.isArray(aud) && aud.length > 1;
  if (aud === undefined ? azp === undefined : ![aud].flat().some(isOurs)) {
    throw foreign("`aud` (where it has none, its `azp`) is no app of yours");
  }
  if (azp === undefined ? several : !isOurs(azp)) {
    throw foreign(
      azp === undefined
        ? "`aud` names several apps, and no `azp` says which of them was given it"
        : "`azp` says that another app was given it",
    );
  }
  if (isThere(client_id) && !isOurs(client_id))
    throw foreign("`client_id` says that another app was given it");
}

const foreign = (why: string) =>
  new Problem("proof-audience", `The proof's ${why}. VAMBE_OIDC_AUDIENCE has to list it, if it is yours.`);

function isThere(value: unknown): boolean {
  return value !== undefined;
}
