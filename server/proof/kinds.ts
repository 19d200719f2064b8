import type { Log } from "../log.ts";
import type { Authenticate } from "./app-user.ts";
import { proveByApp } from "./authenticate.ts";
import { proveByJwt } from "./jwt.ts";
import type { Issuer } from "./oidc/issuer.ts";
import { verifyByIssuer } from "./oidc/verify.ts";
import type { Prove } from "./proof.ts";
import type { SecretUseCounter } from "./secret-use.ts";
import { proveBySession } from "./session/session.ts";
import { proveByUserHash } from "./user-hash.ts";

/** What says which kinds of proof are accepted. */
export interface ProofSettings {
  identitySecrets: readonly string[];
  userHashSecrets: readonly string[];
  issuers: readonly Issuer[];
  authenticate?: Authenticate | undefined;
  publicUrl: string;
  sessionUrl?: string | undefined;
  sessionFields: Readonly<Record<string, string>>;
  proofOnce: boolean;
}

/** Each kind that the settings ask for, in order of preference. */
export function kindsOfProof(settings: ProofSettings, secretUse: SecretUseCounter, log: Log): Prove[] {
  const { identitySecrets, issuers, publicUrl, sessionUrl, sessionFields } = settings;
  if (identitySecrets.length > 0 && settings.userHashSecrets.length === 0) {
    log.info(
      "a user_hash counts as hashUser of vambe-identity/sign makes it; as other vendors make it, with VAMBE_USER_HASH_SECRET only",
    );
  }
  return [
    proveByJwt(
      identitySecrets,
      (index, kid) => secretUse.verified(identitySecrets[index], kid),
      issuers.length > 0 ? verifyByIssuer(issuers, { log }) : undefined,
    ),
    proveByUserHash({ ...settings, verified: (secret) => secretUse.verified(secret, undefined) }),
    proveByApp(settings.authenticate),
    ...(sessionUrl ? [proveBySession({ url: sessionUrl, publicUrl, fields: sessionFields, log })] : []),
  ];
}

/** What a page is told that brings nothing which any of the kinds goes by. */
export function nothingCame({
  sessionUrl,
  authenticate,
  identitySecrets,
  userHashSecrets,
  issuers,
}: ProofSettings): string {
  if (sessionUrl !== undefined) {
    return "Neither a `proof` came, nor can the site be asked who is signed in (VAMBE_SESSION_URL): no cookie came with the request.";
  }
  if (authenticate !== undefined) {
    return "`authenticate` knows no signed-in user for this request, and no `proof` came with it.";
  }
  return identitySecrets.length === 0 && issuers.length === 0 && userHashSecrets.length > 0
    ? "`user_hash` is required: the HMAC-SHA256 of the id, in hex, with the secret in VAMBE_USER_HASH_SECRET."
    : "`proof` is required: a JWT signed by your backend.";
}
