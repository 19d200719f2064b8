import type { Delivery } from "../row.ts";
import type { UserKey } from "../user-key.ts";

/** What one instance tells the others. A hint: it may be lost, and every instance looks for itself now and then. */
export type Notice =
  /** A claim was recorded. Its own instance is about to carry it. */
  | { kind: "recorded" }
  /** Rows have become due that no instance has in hand. */
  | { kind: "due" }
  /**
   * A delivery has ended. `withheld`: what Vambe did not take of it; left out where it has to be tried again, or where
   * it is `rejected` for good. `refused`: what of that is about its value.
   */
  | ({
      kind: "settled";
      generation: number;
      withheld?: string[] | undefined;
      refused?: string[] | undefined;
      rejected?: boolean | undefined;
    } & UserKey);

/** A timer may be as late as this, in milliseconds. */
const TIMER_MS = 2;

/** By so much a call may be late, and the next one is not, where calls are so many milliseconds apart. */
export const lateness = (intervalMs: number): number => Math.max(intervalMs / 2, TIMER_MS);

/** How many turns come by a time, `most` at the most: the first comes at `at`, and each of the others `intervalMs` later. */
export const turnsBy = (by: number, at: number, intervalMs: number, most: number): number =>
  at > by ? 0 : Math.min(most, 1 + Math.floor((by - at) / intervalMs));

/** Turns to call Vambe. */
export interface Turns {
  /** How many are this caller's now. */
  taken: number;
  /** Until the first of them comes or, where none was taken, until the next may be free. Milliseconds. */
  inMs: number;
}

/** How many requests have come in a window of time, the present one included. */
export interface Count {
  requests: number;
  /** Until the window ends, in milliseconds. */
  endsInMs: number;
}

/** Under which keys a request is counted. A window begins with its first request and lasts `windowMs`. */
export interface Counting {
  /** Counted before `key`, which is left alone where that makes more than `most`. */
  first?: { key: string; most: number } | undefined;
  key?: string | undefined;
  windowMs: number;
}

/** What was counted of a `Counting`. */
export interface Counted {
  ofFirst?: Count | undefined;
  ofKey?: Count | undefined;
}

/** What several instances on one database have in common beside its rows. */
export interface Shared {
  /** Hears what the other instances say, from now until the ledger is closed. */
  listen(hear: (notice: Notice) => void): void;
  /** A lease that begins anew; `undefined` where another has taken the row since. */
  renew(delivery: Delivery): Promise<number | undefined>;
  /** Whether any instance is carrying this user's row at the moment. */
  isUnderWay(key: UserKey): Promise<boolean>;
  /**
   * The next turns of all instances together, as many as have come, and `most` at the most. With `ahead`, those that come within
   * one turn count as well, and there is always one.
   */
  takeTurns(perSecond: number, ahead: boolean, most: number): Promise<Turns>;
  /** Counts a request over all instances. */
  countRequest(counting: Counting): Promise<Counted>;
}
