import type { ContactTraits } from "../contact-traits.ts";
import type { DataKey } from "../data-key.ts";
import type { RowState } from "../row.ts";
import type { UserKey } from "../user-key.ts";

/** What an operator sees of the ledger, and may do to it beside a running exchange. Never a trait's value, but by `valuesOf`. */

export const WAITING_STATES = ["pending", "withheld", "rejected"] as const satisfies readonly RowState[];
export type WaitingState = (typeof WAITING_STATES)[number];

/** How far a running exchange counts the rows of a state: beyond that, the number changes nothing for anybody. */
export const COUNTED_UP_TO = 10_000;
/** How far a command counts them: more would not be done within the time that a statement may take. */
export const MOST_COUNTED = 1_000_000;
/** In so many rows of each state the last errors are looked for. */
export const ERRORS_IN = 100_000;

export interface OutboxCounts {
  pending: number;
  withheld: number;
  rejected: number;
}

export interface OutboxEntry extends UserKey {
  state: WaitingState;
  /** Since when it waits. */
  since: number;
  /** Tries that have failed in a row. */
  attempts: number;
  /** When it is due, where it is pending. */
  dueAt: number;
  /** A status or an error code, and Vambe's own words without what was sent. */
  lastError: string | undefined;
  /** Names of the traits that wait. */
  traits: string[];
}

export interface OutboxFilter {
  /** Without it, all that wait. */
  state?: WaitingState | undefined;
  limit: number;
}

export interface ErrorCount {
  /** A status or an error code, and Vambe's own words without what was sent. */
  error: string;
  rows: number;
}

export interface Resent {
  /** Rows of which nothing counts as confirmed any more. */
  rows: number;
  /** As `retry` has it. */
  due: number;
}

/** What waits under one channel is to be another's. */
export interface Move {
  from: string;
  to: string;
  /** Of one user; left out, of all. */
  userId?: string | undefined;
}

export interface Moved {
  /** Rows that are the other channel's now. */
  moved: number;
  /** Those of them whose user had a row there already. */
  merged: number;
  /** Rows that an exchange was just carrying, and that stay where they are. */
  underWay: number;
}

/** All times are milliseconds since the epoch, as the caller's clock has them. */
export interface Outbox {
  /** @param most how far each state is counted, `MOST_COUNTED` at the most */
  outbox(most?: number): Promise<OutboxCounts>;
  /** Since when the pending row waits that has waited the longest and is carried here; `undefined` where none is pending. */
  oldestPending(): Promise<number | undefined>;
  /** The rows that wait and are not carried here, counted up to `most`, and their channels. */
  ofOtherChannels(most: number): Promise<{ rows: number; channels: string[] }>;
  /** What the last tries of the rows that wait have ended with, the most frequent first, at most `limit`; in `ERRORS_IN` of each state. */
  lastErrors(limit: number): Promise<ErrorCount[]>;
  /** The rows that wait, those that have waited the longest first. */
  entries(filter: OutboxFilter): Promise<OutboxEntry[]>;
  /**
   * Makes what waits due at once, of one user or of all: rows in back-off and rejected ones are pending and start
   * anew; the fields that keep rows withheld are looked for. Leases are left alone. In steps: what is broken off is done
   * as far as it has come, and the same call goes on.
   * @returns how many rows that concerns; of those withheld, `MOST_COUNTED` at the most
   */
  retry(userId: string | undefined, now: number): Promise<number>;
  /**
   * Forgets what Vambe has confirmed, of one user or of all, so that the next claim is sent in full; the values themselves
   * are not kept, so nothing goes before. What still waits is due, as by `retry`. In steps likewise.
   */
  resend(userId: string | undefined, now: number): Promise<Resent>;
  /**
   * Brings what waits under one channel to another, where it is due: both rows of a user become one, by `moved`. What Vambe
   * has confirmed in the one channel stays with it. In steps likewise.
   * @param key opens and seals what waits, which is bound to its channel
   */
  move(what: Move, key: DataKey, now: number): Promise<Moved>;
  /** What waits of a row, values and all: for an operator who has the key, and asks for it on his own terminal. */
  valuesOf(user: UserKey, key: DataKey): Promise<ContactTraits>;
  /** Deletes all that is kept of a user, in every channel; `purge` is what follows. @returns whether there was anything */
  forget(userId: string): Promise<boolean>;
}
