import { createHash } from "node:crypto";
import type { SecretUse, SecretUses } from "../ledger/contract/secret-uses.ts";
import type { Log } from "../log.ts";

/**
 * A name for a secret that can be shown. Eight hex digits say nothing of use about 32 random bytes, and anyone
 * who has the secret can work them out: `printf %s "$SECRET" | sha256sum | cut -c1-8`.
 */
export const secretIdOf = (secret: string): string =>
  createHash("sha256").update(secret).digest("hex").slice(0, 8);

const FLUSH_EVERY_MS = 10_000;
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
  let counted = new Map<string, SecretUse>();
  let flushing: Promise<void> = Promise.resolve();
  const timer = setInterval(() => void flush(), FLUSH_EVERY_MS).unref();

  function add({ secret, kid, proofs, lastAt }: SecretUse): void {
    const name = `${secret} ${kid}`;
    const before = counted.get(name);
    if (before) {
      before.proofs += proofs;
      before.lastAt = Math.max(before.lastAt, lastAt);
    } else {
      counted.set(name, { secret, kid, proofs, lastAt });
    }
  }

  function shown(kid: unknown): string {
    if (typeof kid !== "string" || !SHOWABLE_KID.test(kid)) return "";
    if (kids.size < MOST_KIDS) kids.add(kid);
    return kids.has(kid) ? kid : "";
  }

  async function write(): Promise<void> {
    if (counted.size === 0) return;
    const uses = [...counted.values()];
    counted = new Map();
    try {
      await ledger.countSecretUses(uses);
    } catch (error) {
      uses.forEach(add);
      log.warn("the use of the secrets could not be written and stays in memory", { cause: error });
    }
  }

  function flush(): Promise<void> {
    flushing = flushing.then(write);
    return flushing;
  }

  return {
    verified: (secret, kid) => {
      if (secret === undefined) return;
      const id = secretIds.get(secret) ?? secretIdOf(secret);
      secretIds.set(secret, id);
      add({ secret: id, kid: shown(kid), proofs: 1, lastAt: Date.now() });
    },
    flush,
    close: () => {
      clearInterval(timer);
      return flush();
    },
  };
}
