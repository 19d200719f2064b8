import type { SecretUse } from "../ledger/contract/secret-uses.ts";
import { secretIdOf } from "./secret-use.ts";

/** The longest that a proof is good for, and the clocks: after that nothing that an old secret has signed is accepted. */
const PROOFS_LIVE_MS = 2 * 3600_000;

/** How things stand with one of the secrets in `VAMBE_IDENTITY_SECRET`. */
export interface SecretStanding {
  /** A short digest of the secret. */
  id: string;
  /** When it has verified a proof last; 0 where it never has. */
  lastAt: number;
  /** The first of them `leads`; another can go once the first is used, and it has not been for as long as a proof lives. */
  standing: "leads" | "first not used yet" | "in use" | "safe to retire";
}

/** @param secrets in their order @param now milliseconds since the epoch */
export function standingOf(
  secrets: readonly string[],
  uses: readonly SecretUse[],
  now: number,
): SecretStanding[] {
  const lasts = secrets.map((secret) => {
    const id = secretIdOf(secret);
    return {
      id,
      lastAt: Math.max(0, ...uses.filter((use) => use.secret === id).map(({ lastAt }) => lastAt)),
    };
  });
  return lasts.map(({ id, lastAt }, index) => {
    const isUsed = now - lastAt < PROOFS_LIVE_MS;
    const ofOthers = lasts[0]?.lastAt === 0 ? "first not used yet" : isUsed ? "in use" : "safe to retire";
    return { id, lastAt, standing: index === 0 ? "leads" : ofOthers };
  });
}
