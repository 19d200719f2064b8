import { createHash } from "node:crypto";
import type { SecretUse, SecretUses } from "../ledger/contract/secret-uses.ts";
import type { Log } from "../log.ts";
import { Tally } from "../tally.ts";

/**
 * A name for a secret that can be shown. Eight hex digits say nothing of use about 32 random bytes, and anyone
 * who has the secret can work them out: `printf %s "$SECRET" | sha256sum | cut -c1-8`.
 */
export const secretIdOf = (secret: string): string =>
  createHash("sha256").update(secret).digest("hex").slice(0, 8);

/** A `kid` comes from the site's backend. One that would not fit a table, or one too many, counts as none. */
const SHOWABLE_KID = /^[\x21-\x7e]{1,64}$/;
const MOST_KIDS = 100;

export interface SecretUseCounter {
  /** @param kid as the proof's header has it */
  verified(secret: string | undefined, kid: unknown): void;
  /** Writes what has been counted since the last time. Never rejects: what cannot be written stays counted. */
  flush(): Promise<void>;
  /** Flushes once more. */
  close(): Promise<void>;
}

/** Counts which secret has verified how many proofs, and when last, so that an operator sees which can go. */
export function countSecretUse(ledger: SecretUses, log: Log): SecretUseCounter {
  const kids = new Set<string>();
  const secretIds = new Map<string, string>();
  const tally = new Tally<SecretUse>({
    nameOf: ({ secret, kid }) => `${secret} ${kid}`,
    add: (counted, { proofs, lastAt }) => {
      counted.proofs += proofs;
      counted.lastAt = Math.max(counted.lastAt, lastAt);
    },
    failed: (cause, uses) => {
      for (const use of uses) tally.count(use);
      log.warn("the use of the secrets could not be written and stays in memory", { cause });
    },
  });
  tally.writeBy((uses) => ledger.countSecretUses(uses));

  function shown(kid: unknown): string {
    if (typeof kid !== "string" || !SHOWABLE_KID.test(kid)) return "";
    if (kids.size < MOST_KIDS) kids.add(kid);
    return kids.has(kid) ? kid : "";
  }

  return {
    verified: (secret, kid) => {
      if (secret === undefined) return;
      const id = secretIds.get(secret) ?? secretIdOf(secret);
      secretIds.set(secret, id);
      tally.count({ secret: id, kid: shown(kid), proofs: 1, lastAt: Date.now() });
    },
    flush: () => tally.flush(),
    close: () => tally.close(),
  };
}
