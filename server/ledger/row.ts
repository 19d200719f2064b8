import type { ContactTraits } from "./contact-traits.ts";
import type { UserKey } from "./user-key.ts";

/** What has been proven of a user, and is to reach Vambe. */
export interface Claim extends UserKey {
  verified: boolean;
  traits: ContactTraits;
  /** Of when what is proven is: milliseconds since the epoch, by the clock of who proved it. Left out where nothing says. */
  provenAt?: number | undefined;
}

/**
 * `idle`: Vambe has all. `pending`: something is to be sent. `withheld`: all that is left are custom fields that
 * do not exist at Vambe. `rejected`: Vambe refused it for good, a person has to look.
 */
export type RowState = "idle" | "pending" | "withheld" | "rejected";

export interface Row {
  state: RowState;
  verified: boolean;
  /** Counts the changes; a settlement names the one that it carried. */
  generation: number;
  /** Still to be delivered. Empty once it is. */
  pending: ContactTraits;
  /** Trait → keyed fingerprint of the value that Vambe last confirmed. */
  confirmed: ContactTraits;
  attempts: number;
  /** Vambe has all but values that it does not take: they are tried again now and then. */
  valuesRefused?: boolean;
  /** How long ago Vambe took all that was known of the user, in milliseconds. */
  confirmedAgoMs?: number;
  /** It waited when the database was restored from a backup: newer values may be at Vambe by now. */
  held?: boolean;
  /** The newest `provenAt` that the user has been seen with, or 0. */
  provenAt: number;
}

export type Recorded =
  /**
   * Vambe has all of it. `withheld`: but for these traits, whose custom fields do not exist there. `overruled`:
   * the claim is not proven and the row is, so nothing of it counts. `outdated`: these traits are other than what a newer
   * proof has said. `refused`: but for these traits, whose values Vambe does not take.
   */
  | {
      outcome: "unchanged";
      withheld: string[];
      refused?: string[];
      overruled?: boolean;
      outdated?: string[];
    }
  /** It is on its way already, by an earlier call; `outdated` as above. */
  | { outcome: "waiting"; generation: number; outdated?: string[] }
  /** Vambe has refused it for good, and nothing of it has changed since. */
  | { outcome: "rejected" }
  /** It is new, and the row is written. */
  | { outcome: "changed"; generation: number };

/** A row that is taken for delivery. For `LEASE_MS` nobody else takes it. */
export interface Delivery extends UserKey {
  generation: number;
  /** Tells this taking from every other: who has lost the row to another settles nothing any more. */
  lease: number;
  traits: ContactTraits;
  attempts: number;
}

export type Settlement =
  /**
   * Vambe confirmed these traits. What else is pending are custom fields that it does not take: withheld until
   * they exist there or, with `retryAt`, tried once more then. `refused`: this very row was refused for them, with
   * `error`; `values`: names of those traits whose values Vambe does not take, though it has the fields. `dropped`: names
   * of traits that nobody wants to be sent any more.
   */
  | {
      kind: "delivered";
      sent: ContactTraits;
      dropped?: readonly string[];
      contactId: string | undefined;
      refused?: boolean;
      values?: readonly string[];
      error?: string | undefined;
      retryAt?: number | undefined;
    }
  | { kind: "retry"; at: number; error: string }
  | { kind: "rejected"; error: string };

/**
 * A proof may be signed by a clock that is a minute ahead, and the clocks of instances differ. A `provenAt` further ahead
 * than this, in milliseconds, is a clock's mistake and counts as none, or nothing newer would count until then.
 */
export const PROVEN_AHEAD_MS = 2 * 60_000;
/** The longest `error` of a settlement, in characters. */
export const LONGEST_ERROR = 300;
/** How the error begins of rows of which nothing waits but values that Vambe does not take. */
export const VALUE_REFUSED = "value refused";
/** In the place of the error of rows that wait in a restored database. */
export const HELD = "held since the database was restored";
/** How long a delivery may take before the row is free for another try, in milliseconds. */
export const LEASE_MS = 30_000;
/** The longest wait between two tries, in milliseconds. A due time further ahead than this is a clock's mistake. */
export const LONGEST_WAIT_MS = 10 * 60_000;
/** A row that has failed more often in a row keeps its wait: it may be the one that Vambe stumbles over. */
export const WOKEN_UP_TO = 8;
