import type { Secrets } from "../../../server/ledger/contract/secrets.ts";

/**
 * Secrets in memory that any number of instances share. `pause` is awaited before each answer, so that a test
 * decides who comes first.
 */
export function sharedSecrets(pause: (call: string) => Promise<void> = async () => {}): Secrets & {
  kept: Map<string, string>;
} {
  const kept = new Map<string, string>();
  return {
    kept,
    readSecret: async (name) => {
      const found = kept.get(name);
      await pause("read");
      return found;
    },
    replaceSecret: async (name, expected, next) => {
      await pause("replace");
      if (kept.get(name) !== expected) return false;
      kept.set(name, next);
      return true;
    },
  };
}
