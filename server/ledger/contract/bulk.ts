import type { Claim, Recorded, RowState } from "../row.ts";
import type { UserKey } from "../user-key.ts";

/** How it stands with a row. */
export interface Standing extends UserKey {
  state: RowState;
  /** Tries that have failed in a row. */
  attempts: number;
  /** A status or an error code, and Vambe's own words without what was sent. */
  lastError: string | undefined;
  /** Names of the traits that wait. */
  traits: string[];
}

/** Many rows at once, as an import has them: each of another user. */
export interface Bulk {
  /** As `record` does it, one claim after the other; durable before it resolves. */
  recordAll(claims: readonly Claim[], now: number): Promise<Recorded[]>;
  /** What `record` would say. Nothing is written. */
  foresee(claims: readonly Claim[], now: number): Promise<Recorded[]>;
  /** How it stands with these rows, in any order; those that are gone are left out. */
  standingOf(users: readonly UserKey[]): Promise<Standing[]>;
}
