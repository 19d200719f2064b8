import type { Log } from "../log.ts";
import { type Authenticate, proveByApp } from "./authenticate.ts";
import { proveByJwt } from "./jwt.ts";
import { verifyByIssuer } from "./oidc.ts";
import { IssuerKeys } from "./oidc-keys.ts";
import type { Prove } from "./proof.ts";
import type { SecretUseCounter } from "./secret-use.ts";
import { proveBySession } from "./session.ts";
import { proveByUserHash } from "./user-hash.ts";

/** What says which kinds of proof are accepted. */
export interface ProofSettings {
  identitySecrets: readonly string[];
  userHashSecrets: readonly string[];
  oidcIssuer?: string | undefined;
  oidcAudience: readonly string[];
  authenticate?: Authenticate | undefined;
  sessionUrl?: string | undefined;
  sessionFields: Readonly<Record<string, string>>;
  proofOnce: boolean;
}

/** Each kind that the settings ask for, in order of preference. */
export function kindsOfProof(settings: ProofSettings, secretUse: SecretUseCounter, log: Log): Prove[] {
  const { identitySecrets, oidcIssuer, oidcAudience, sessionUrl, sessionFields } = settings;
  if (identitySecrets.length > 0 && settings.userHashSecrets.length === 0) {
    log.info(
      "a user_hash counts as hashUser of vambe-identity/sign makes it; as other vendors make it, with VAMBE_USER_HASH_SECRET only",
    );
  }
  const byIssuer = oidcIssuer && verifyByIssuer(new IssuerKeys(oidcIssuer, { log }), oidcAudience);
  return [
    proveByJwt(
      identitySecrets,
      (index, kid) => secretUse.verified(identitySecrets[index], kid),
      byIssuer || undefined,
    ),
    proveByUserHash({ ...settings, verified: (secret) => secretUse.verified(secret, undefined) }),
    proveByApp(settings.authenticate),
    ...(sessionUrl ? [proveBySession({ url: sessionUrl, fields: sessionFields, log })] : []),
  ];
}
