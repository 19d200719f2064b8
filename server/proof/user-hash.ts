import { timingSafeEqual } from "node:crypto";
import { Problem } from "../problems.ts";
import { hmacOf, userHashKey } from "../sign/user-hash-key.ts";
import type { Prove } from "./proof.ts";

export interface UserHashOptions {
  /** Of the site's backend. JWTs are signed with them, so a hash is checked with a key that is derived from one. */
  identitySecrets: readonly string[];
  /** That nothing but `user_hash` is made with: plainly, as other vendors ask for it, or with the derived key. */
  userHashSecrets: readonly string[];
  proofOnce: boolean;
  /** Told which of the secrets has verified a hash. */
  verified: (secret: string) => void;
}

/**
 * Hex HMAC-SHA256 of the id, as sites that come from Intercom, Chatwoot or Front have it in place. It proves the id and
 * nothing else, and it never expires; so where proofs are to serve once, it is refused.
 */
export function proveByUserHash(options: UserHashOptions): Prove {
  const { identitySecrets, userHashSecrets, proofOnce, verified } = options;
  const keys =
    userHashSecrets.length > 0
      ? userHashSecrets.flatMap((secret) => [
          { secret, key: secret },
          { secret, key: userHashKey(secret) },
        ])
      : identitySecrets.map((secret) => ({ secret, key: userHashKey(secret) }));
  return async ({ user: { id, user_hash } }) => {
    if (id === undefined || user_hash === undefined || user_hash === null) return undefined;
    if (proofOnce) {
      throw new Problem(
        "proof-user-hash",
        "A user_hash is the same each time, and with VAMBE_PROOF_ONCE a proof serves once.",
      );
    }
    const matching = firstMatch(
      user_hash,
      id,
      keys.map(({ key }) => key),
    );
    const secret = keys[matching]?.secret;
    if (secret === undefined) throw refusal(user_hash, id, options);
    verified(secret);
    return { id, by: "user_hash", traits: {} };
  };
}

/** Compares with every key, in the same time whichever matches, and returns its index, or -1. */
function firstMatch(userHash: string, id: string, keys: readonly Parameters<typeof hmacOf>[1][]): number {
  if (!/^[0-9a-f]{64}$/i.test(userHash)) return -1;
  const given = Buffer.from(userHash, "hex");
  const results = keys.map((key) => timingSafeEqual(given, hmacOf(id, key)));
  return results.indexOf(true);
}

/** Says so where the hash is right and its key is not: a JWT's signature is made in the same way with that one. */
function refusal(
  userHash: string,
  id: string,
  { identitySecrets, userHashSecrets }: UserHashOptions,
): Problem {
  const isPlain = firstMatch(userHash, id, identitySecrets) >= 0;
  const isDerived = firstMatch(userHash, id, identitySecrets.map(userHashKey)) >= 0;
  if (!isPlain && !isDerived) {
    return new Problem("proof-user-hash", "The `user_hash` is not the HMAC-SHA256 of the id, in hex.");
  }
  const remedy =
    userHashSecrets.length > 0
      ? "make it with the secret in VAMBE_USER_HASH_SECRET, which alone counts where it is set"
      : "make it with `hashUser` of vambe-identity/sign, or with a secret of its own in VAMBE_USER_HASH_SECRET, since that one signs JWTs";
  return new Problem("proof-user-hash", `The \`user_hash\` is made with VAMBE_IDENTITY_SECRET: ${remedy}.`);
}
