import type { Fingerprint } from "./fingerprint.ts";
import type { Outbox } from "./outbox.ts";
import type { Shared } from "./shared.ts";

/**
 * The ledger: what has been asked for and what Vambe has confirmed, one row a user. This file holds the rules,
 * as functions of a row; where the rows are kept is the business of the files beside it.
 */

/**
 * What Vambe is to know of a user, flat, so that two of them merge and compare trait by trait: `name`, `email`,
 * `verified`, and `field:<key>` for each custom field.
 */
export type ContactTraits = Readonly<Record<string, string>>;

/** Whose row it is. */
export interface UserKey {
  channelId: string;
  userId: string;
}

export interface Claim extends UserKey {
  verified: boolean;
  traits: ContactTraits;
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
}

export type Recorded =
  /**
   * Vambe has all of it. `withheld`: but for these traits, whose custom fields do not exist there. `overruled`:
   * the claim is not proven and the row is, so nothing of it counts.
   */
  | { outcome: "unchanged"; withheld: string[]; overruled?: boolean }
  /** It is on its way already, by an earlier call. */
  | { outcome: "waiting"; generation: number }
  /** It is new, and the row is written. */
  | { outcome: "changed"; generation: number };

/** A row that has been taken out for delivery. For `LEASE_MS` nobody else takes it. */
export interface Delivery extends UserKey {
  generation: number;
  /** Tells this taking out from every other: who has lost the row to another settles nothing any more. */
  lease: number;
  traits: ContactTraits;
  attempts: number;
}

export type Settlement =
  /**
   * Vambe confirmed these traits. What else is pending are custom fields that it does not take: withheld until
   * they exist there or, with `retryAt`, tried once more then. `refused`: this very row was refused for them.
   */
  | {
      kind: "delivered";
      sent: ContactTraits;
      contactId: string | undefined;
      refused?: boolean;
      retryAt?: number | undefined;
    }
  | { kind: "retry"; at: number; error: string }
  | { kind: "rejected"; error: string };

/** A custom field that Vambe said it does not have, and when to try again. */
export interface MissingField {
  key: string;
  /** Milliseconds since the epoch. */
  probeAt: number;
  attempts: number;
}

export interface OutboxCounts {
  pending: number;
  withheld: number;
  rejected: number;
}

/** Small texts that all instances share, such as the signing keys. */
export interface Secrets {
  readSecret(name: string): Promise<string | undefined>;
  /**
   * Writes `next` only where `expected` is what still stands there (`undefined`: nothing does), so that nobody
   * overwrites what he has not seen. Durable before it resolves; what it replaces is erased.
   * @returns whether it was written
   */
  replaceSecret(name: string, expected: string | undefined, next: string): Promise<boolean>;
}

/** The proofs that have served, for as long as they could serve again. */
export interface UsedProofs {
  /**
   * Of all who call it with one `id`, in whatever process, one is told `true`. Durable before it resolves. At
   * `expiresAt` the id is forgotten.
   */
  useOnce(id: string, expiresAt: number, now: number): Promise<boolean>;
}

/** How often one of the site's secrets has verified a proof. */
export interface SecretUse {
  /** A short digest of the secret. */
  secret: string;
  /** The `kid` in the proofs' headers; empty where they have none. */
  kid: string;
  proofs: number;
  lastAt: number;
}

export interface SecretUses {
  /** Adds to what is counted already. */
  countSecretUses(uses: readonly SecretUse[]): Promise<void>;
  secretUses(): Promise<SecretUse[]>;
}

/** All times are milliseconds since the epoch, as the caller's clock has them. */
export interface Ledger extends Secrets, UsedProofs, SecretUses, Outbox {
  /** Only where several instances may have the same ledger at once. */
  readonly shared?: Shared;
  /**
   * Called by the process that is going to deliver, before it does. Where it is the only one that can, what
   * another has left under way is free at once; a command that only looks in must not call it.
   */
  takeOver(): Promise<void>;
  /** Stores a claim durably before it resolves, unless there is nothing to store. */
  record(claim: Claim, now: number): Promise<Recorded>;
  /** Takes one user's row out for delivery, where it is due. */
  claim(key: UserKey, now: number): Promise<Delivery | undefined>;
  /** Takes out the row that has been due the longest. */
  claimNext(now: number): Promise<Delivery | undefined>;
  /** Takes out a row from which this custom field is withheld, to find out whether it exists by now; each in its turn. */
  claimWithheld(field: string, now: number): Promise<Delivery | undefined>;
  /** Ends a delivery. Nothing happens where another has taken the row out since. */
  settle(delivery: Delivery, settlement: Settlement, now: number): Promise<void>;
  /** When the next row is due, or `undefined` where none is waiting. */
  nextDueAt(now: number): Promise<number | undefined>;
  /** Vambe is back: makes every waiting row due now but those that have failed more than `WOKEN_UP_TO` times. */
  wakeAll(now: number): Promise<void>;
  missingFields(): Promise<MissingField[]>;
  markMissing(field: MissingField): Promise<void>;
  /** The field exists by now: what was withheld for it is due, at once or, where that row was refused before, later. */
  clearMissing(key: string, now: number): Promise<void>;
  close(): Promise<void>;
}

/** How long a delivery may take before the row is free for another try, in milliseconds. */
export const LEASE_MS = 30_000;
/** The longest wait between two tries, in milliseconds. A due time further ahead than this is a clock's mistake. */
export const LONGEST_WAIT_MS = 10 * 60_000;
/** A row that has failed more often in a row keeps its wait: it may be the one that Vambe stumbles over. */
export const WOKEN_UP_TO = 8;

/** What a claim makes of a row: the answer for the page and, where something changed, the row to write. */
export function record(
  row: Row | undefined,
  claim: Claim,
  fingerprint: Fingerprint,
): { recorded: Recorded; row?: Row } {
  if (!row) {
    return {
      recorded: { outcome: "changed", generation: 1 },
      row: {
        state: "pending",
        verified: claim.verified,
        generation: 1,
        pending: claim.traits,
        confirmed: {},
        attempts: 0,
      },
    };
  }
  // What anyone can say must not touch what has been proven.
  if (row.verified && !claim.verified) {
    return { recorded: { outcome: "unchanged", withheld: [], overruled: true } };
  }
  const digests = fingerprint(claim.traits);
  const changed = Object.entries(claim.traits).some(([trait, value]) => {
    const pending = row.pending[trait];
    return pending === undefined ? row.confirmed[trait] !== digests[trait] : pending !== value;
  });
  if (changed) {
    const generation = row.generation + 1;
    return {
      recorded: { outcome: "changed", generation },
      row: {
        ...row,
        state: "pending",
        verified: claim.verified,
        generation,
        // Nor does what anyone could say leave in the company of what is proven.
        pending: row.verified === claim.verified ? { ...row.pending, ...claim.traits } : claim.traits,
        attempts: 0,
      },
    };
  }
  if (row.state === "pending" || row.state === "rejected") {
    return { recorded: { outcome: "waiting", generation: row.generation } };
  }
  return { recorded: { outcome: "unchanged", withheld: Object.keys(row.pending) } };
}

/** Whether Vambe has confirmed all of a claim: of a row that is idle and as verified as the claim, all that there is to ask. */
export function isConfirmed(confirmed: ContactTraits, { traits }: Claim, fingerprint: Fingerprint): boolean {
  return Object.entries(fingerprint(traits)).every(([trait, digest]) => confirmed[trait] === digest);
}

/** What the end of a delivery makes of a row. A row that has changed since keeps what is newer. */
export function settle(row: Row, delivery: Delivery, settlement: Settlement, fingerprint: Fingerprint): Row {
  // A row that was forgotten and asked for anew counts from one again, so the values are looked at too.
  const current =
    row.generation === delivery.generation &&
    Object.entries(delivery.traits).every(([trait, value]) => row.pending[trait] === value);
  switch (settlement.kind) {
    case "delivered": {
      const confirmed = { ...row.confirmed, ...fingerprint(settlement.sent) };
      const attempts = settlement.refused ? row.attempts + 1 : 0;
      if (!current) return { ...row, confirmed, attempts: 0 };
      const pending = Object.fromEntries(
        Object.entries(row.pending).filter(([trait]) => settlement.sent[trait] === undefined),
      );
      const left = settlement.retryAt === undefined ? "withheld" : "pending";
      return { ...row, state: Object.keys(pending).length > 0 ? left : "idle", pending, confirmed, attempts };
    }
    case "retry":
      return { ...row, attempts: row.attempts + 1 };
    case "rejected":
      return current ? { ...row, state: "rejected", attempts: row.attempts + 1 } : row;
  }
}
