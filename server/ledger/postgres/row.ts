import { type ContactTraits, FIELD } from "../contact-traits.ts";
import type { DataKey } from "../data-key.ts";
import {
  type Delivery,
  HELD,
  LEASE_MS,
  LONGEST_WAIT_MS,
  PROVEN_AHEAD_MS,
  type Row,
  VALUE_REFUSED,
} from "../row.ts";
import type { UserKey } from "../user-key.ts";

/** Between a row of the ledger and the columns that hold it. */

/** Times in the database are the database's own. A caller's time counts only by its distance from the caller's now. */
export const NOW = "vambe_identity.now_ms()";

/**
 * Rows that nobody is carrying, and those that may be carried now. A time further ahead than any can be is ignored:
 * twice as far, since what a statement meets may have been written by one that began after it.
 */
export const FREE = `(lease_until <= ${NOW} OR lease_until > ${NOW} + ${2 * LEASE_MS})`;
export const TOO_FAR = `next_attempt_at > ${NOW} + ${2 * LONGEST_WAIT_MS}`;
export const DUE = `(next_attempt_at <= ${NOW} OR ${TOO_FAR}) AND ${FREE}`;

/** Rows that still have a value for the custom field in this parameter. */
export const holdsField = (parameter: string) => `('${FIELD}' || ${parameter}::text) = ANY (names)`;

/** The newest proof that a row has been seen with, and this one. One further ahead than any can be counts as none. */
export const raisedTo = (provenAt: string) =>
  `greatest(${provenAt}::bigint, CASE WHEN contact.proven_at > ${NOW} + ${2 * PROVEN_AHEAD_MS} THEN 0 ELSE contact.proven_at END)`;

export const ROW = `CASE WHEN state = 'rejected' AND last_error = '${HELD}' THEN 'held' ELSE state END AS state, verified,
  generation, version, sealed, confirmed, attempts, lease_until, proven_at,
  ${NOW} - confirmed_at AS confirmed_ago_ms,
  state = 'pending' AND coalesce(last_error, '') LIKE '${VALUE_REFUSED}%' AS values_refused`;

export interface RowColumns {
  state: Row["state"] | "held";
  verified: boolean;
  generation: number;
  version: number;
  sealed: Buffer | null;
  confirmed: ContactTraits;
  attempts: number;
  lease_until: number;
  proven_at: number;
  values_refused: boolean;
  confirmed_ago_ms: number;
}

/** A row, and what tells whether it is still the one that was read. */
export interface KeptRow {
  row: Row;
  version: number;
  lease: number;
}

export const rowIn = (key: DataKey, user: UserKey, columns: RowColumns): KeptRow => ({
  row: {
    ...(columns.state === "held" ? { state: "rejected", held: true } : { state: columns.state }),
    verified: columns.verified,
    generation: columns.generation,
    pending: traitsIn(key, user, columns.sealed),
    confirmed: columns.confirmed,
    attempts: columns.attempts,
    provenAt: columns.proven_at,
    valuesRefused: columns.values_refused,
    confirmedAgoMs: columns.confirmed_ago_ms,
  },
  version: columns.version,
  lease: columns.lease_until,
});

/** Where nothing waits, and of what is damaged, nothing is left: the user's next claim says it again. */
export const traitsIn = (key: DataKey, user: UserKey, sealed: Buffer | null): ContactTraits =>
  (sealed && key.open(user, sealed)) ?? {};

/** Names are JSON: where several rows are one parameter, a list of lists would have to be even. */
export const written = (key: DataKey, user: UserKey, row: Row): unknown[] => {
  const names = Object.keys(row.pending);
  return [
    user.channelId,
    user.userId,
    row.state,
    row.verified,
    row.generation,
    names.length > 0 ? key.seal(user, row.pending) : null,
    JSON.stringify(names),
    JSON.stringify(row.confirmed),
    row.attempts,
  ];
};

/**
 * What to join to a statement that need not wait for the disk, and the condition that goes with it: a lease that a power cut
 * takes back is one that nobody holds any more.
 */
export const UNFLUSHED =
  "(SELECT pg_catalog.set_config('synchronous_commit', 'off', true)) AS unflushed (setting)";
export const IS_UNFLUSHED = "unflushed.setting = 'off'";

export const TAKEN = "channel_id, user_id, generation, attempts, sealed, lease_until";

export interface TakenColumns {
  channel_id: string;
  user_id: string;
  generation: number;
  attempts: number;
  sealed: Buffer | null;
  lease_until: number;
}

export const deliveryIn = (key: DataKey, columns: TakenColumns): Delivery => {
  const user = { channelId: columns.channel_id, userId: columns.user_id };
  return {
    ...user,
    generation: columns.generation,
    lease: columns.lease_until,
    traits: traitsIn(key, user, columns.sealed),
    attempts: columns.attempts,
  };
};

/** Some users' rows, by way of two parameters. */
export const ASKED = "unnest($1::text[], $2::text[]) AS asked (channel_id, user_id)";
export const asked = (users: readonly UserKey[]): [string[], string[]] => [
  users.map(({ channelId }) => channelId),
  users.map(({ userId }) => userId),
];

/** What came from outside, such as an id of Vambe's, as text that PostgreSQL can hold. */
export const storable = (text: string | undefined): string | null =>
  text === undefined ? null : text.toWellFormed().replaceAll("\0", "");
