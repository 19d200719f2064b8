import type { Claim, Delivery, Recorded, Settlement } from "../row.ts";
import type { UserKey } from "../user-key.ts";

/** Which rows are meant. */
export interface Which {
  /** Users that it is not to be, by `nameOf`. */
  except?: readonly string[];
  /** Only one that has not failed before. */
  isUntried?: boolean;
}

/** The rows: what is asked for, and its way to Vambe. All times are milliseconds since the epoch, by the caller's clock. */
export interface Contacts {
  /**
   * Stores a claim durably before it resolves, unless there is nothing to store.
   * @param refreshAfterMs how long what Vambe has confirmed counts: after that the claim is sent again (`refresh.ts`)
   */
  record(claim: Claim, now: number, refreshAfterMs?: number): Promise<Recorded>;
  /** Takes one user's row for delivery, where it is due. */
  take(key: UserKey, now: number): Promise<Delivery | undefined>;
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
