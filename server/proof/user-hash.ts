import { createHmac, timingSafeEqual } from "node:crypto";
import { Problem } from "../problems.ts";
import type { Prove } from "./proof.ts";

/**
 * Hex HMAC-SHA256 of the id with a shared secret, as sites that come from Intercom, Chatwoot or Front have it in
 * place. It proves the id and nothing else, and it never expires; so where proofs are to serve once, it is refused.
 */
export function proveByUserHash(
  secrets: readonly string[],
  { proofOnce, verified }: { proofOnce: boolean; verified: (index: number) => void },
): Prove {
  return async ({ user }) => {
    if (user.user_hash === undefined || user.user_hash === null) return undefined;
    if (proofOnce) {
      throw new Problem(
        "proof-user-hash",
        "A user_hash is the same each time, and with VAMBE_PROOF_ONCE a proof serves once.",
      );
    }
    const index = matching(user.user_hash, user.id, secrets);
    if (index < 0) {
      throw new Problem("proof-user-hash", "The `user_hash` is not the HMAC-SHA256 of the id, in hex.");
    }
    verified(index);
    return { id: user.id, traits: {} };
  };
}

/** Compares with every secret, in the same time whichever matches, and returns its index, or -1. */
function matching(userHash: string, id: string, secrets: readonly string[]): number {
  if (!/^[0-9a-f]{64}$/i.test(userHash)) return -1;
  const given = Buffer.from(userHash, "hex");
  const results = secrets.map((secret) =>
    timingSafeEqual(given, createHmac("sha256", secret).update(id).digest()),
  );
  return results.indexOf(true);
}
