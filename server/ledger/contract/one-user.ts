import type { RowState } from "../row.ts";
import type { UserKey } from "../user-key.ts";

/** What is kept of a user in a channel: names of traits, and never a value. Times are milliseconds since the epoch. */
export interface KeptUser extends UserKey {
  state: RowState;
  /** Whether a proof has ever stood behind the id. */
  verified: boolean;
  /** Since when something waits, where something does. */
  since: number | undefined;
  /** Tries that have failed in a row. */
  attempts: number;
  /** When it is due, where it is pending. */
  dueAt: number;
  /** A status or an error code, and Vambe's own words without what was sent. */
  lastError: string | undefined;
  /** Names of the traits that wait. */
  traits: string[];
  /** Names of the traits that Vambe has. */
  confirmed: string[];
  /** The contact at Vambe, where Vambe has named it. */
  contactId: string | undefined;
}

export interface OneUser {
  /** What is kept of a user, in every channel. */
  keptOf(userId: string): Promise<KeptUser[]>;
}
