import type { Claim, Delivery, Recorded, Settlement } from "../row.ts";
import type { UserKey } from "../user-key.ts";

/** Which rows are meant. */
export interface Which {
  /** Users that it is not to be, by `nameOf`. */
  except?: readonly string[];
  /** Only one that has not failed before. */
  isUntried?: boolean;
}

/** A look at a user's row that is on its way. What it finds is the ledger's own business. */
export interface Look {
  readonly row: Promise<unknown>;
}

export interface Recording {
  /** How long what Vambe has confirmed counts, in milliseconds: after that the claim is sent again (`refresh.ts`). */
  refreshAfterMs?: number | undefined;
  /** What has been found a moment ago, if anybody has looked. */
  look?: Look | undefined;
}

/** The rows: what is asked for, and its way to Vambe. All times are milliseconds since the epoch, by the caller's clock. */
export interface Contacts {
  /**
   * Begins what `record` does first, where that is a question to a server: whatever else is asked of it in this turn goes
   * along. Never rejects by itself.
   */
  look(user: UserKey): Look | undefined;
  /** Stores a claim durably before it resolves, unless there is nothing to store. */
  record(claim: Claim, now: number, how?: Recording): Promise<Recorded>;
  /** Takes these users' rows for delivery, those of them that are due; in any order. */
  take(users: readonly UserKey[], now: number): Promise<Delivery[]>;
  /** Takes the row that has been due the longest. */
  takeNext(now: number, which?: Which): Promise<Delivery | undefined>;
  /** Takes a row from which this custom field is withheld, to find out whether it exists by now; each in its turn. */
  takeWithheld(field: string, now: number): Promise<Delivery | undefined>;
  /** Ends a delivery. Nothing happens where another has taken the row since. */
  settle(delivery: Delivery, settlement: Settlement, now: number): Promise<void>;
  /** When the next row is due, or `undefined` where none is waiting. */
  nextDueAt(now: number): Promise<number | undefined>;
  /**
   * Vambe is back: makes every waiting row due now but those that have failed more than `WOKEN_UP_TO` times. Where the rows
   * are many, most of them follow when it has resolved.
   */
  wakeAll(now: number): Promise<void>;
  /**
   * What was rejected from `since` on was not rejected for its own fault: it is due again, and keeps its failures. What
   * was rejected before is left alone.
   */
  reopen(since: number, now: number): Promise<void>;
}
