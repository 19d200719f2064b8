import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import { type ContactTraits, FIELD } from "../contact-traits.ts";
import type { DataKey } from "../data-key.ts";
import { type Claim, HELD, LEASE_MS, LONGEST_WAIT_MS, type Row, VALUE_REFUSED } from "../row.ts";
import type { UserKey } from "../user-key.ts";
import { prepared } from "./statements.ts";

/** Between a row of the ledger and the columns that hold it. */

/** Rows that nobody is carrying, and those that may be carried now. A time further ahead than any can be is ignored. */
export const FREE = `(lease_until <= :now OR lease_until > :now + ${LEASE_MS})`;
export const TOO_FAR = `next_attempt_at > :now + ${LONGEST_WAIT_MS}`;
export const DUE = `(next_attempt_at <= :now OR ${TOO_FAR}) AND ${FREE}`;
/** Rows that still have a value for the custom field `:field`. */
export const HOLDS_FIELD = `EXISTS (SELECT 1 FROM payload AS p, json_each(p.names) AS trait
  WHERE p.channel_id = contact.channel_id AND p.user_id = contact.user_id AND trait.value = '${FIELD}' || :field)`;

export function readRow(
  db: DatabaseSync,
  key: DataKey,
  user: UserKey,
  now: number,
): (Row & { lease: number }) | undefined {
  const found = prepared(
    db,
    `SELECT state, verified, generation, sealed, confirmed, attempts, lease_until, proven_at, confirmed_at,
       state = 'rejected' AND last_error = '${HELD}' AS held,
       state = 'pending' AND last_error LIKE '${VALUE_REFUSED}%' AS values_refused
     FROM contact LEFT JOIN payload USING (channel_id, user_id)
     WHERE contact.channel_id = :channelId AND contact.user_id = :userId`,
  ).get(keyOf(user));
  return (
    found && {
      state: String(found.state) as Row["state"],
      verified: found.verified === 1,
      generation: Number(found.generation),
      pending: traitsIn(key, user, found.sealed),
      confirmed: JSON.parse(String(found.confirmed)),
      attempts: Number(found.attempts),
      lease: Number(found.lease_until),
      provenAt: Number(found.proven_at),
      confirmedAgoMs: now - Number(found.confirmed_at),
      held: found.held === 1,
      valuesRefused: found.values_refused === 1,
    }
  );
}

/**
 * What Vambe has confirmed of a user, where the row is idle, as JSON. Nearly every identify ends here, so it asks for as
 * little as it can: each column and each parameter by name takes longer than SQLite does.
 */
export function readConfirmed(
  db: DatabaseSync,
  { channelId, userId, verified }: Claim,
): { digests: string; provenAt: number; confirmedAt: number } | undefined {
  const found = prepared(
    db,
    "SELECT confirmed, proven_at, confirmed_at FROM contact WHERE channel_id = ? AND user_id = ? AND verified = ? AND state = 'idle'",
  ).get(channelId, userId, verified ? 1 : 0);
  return (
    found && {
      digests: String(found.confirmed),
      provenAt: Number(found.proven_at),
      confirmedAt: Number(found.confirmed_at),
    }
  );
}

/** Where nothing waits, and of what is damaged, nothing is left: the user's next claim says it again. */
export const traitsIn = (key: DataKey, user: UserKey, column: SQLOutputValue | undefined): ContactTraits =>
  (column instanceof Uint8Array && key.open(user, column)) || {};

export const keyOf = ({ channelId, userId }: UserKey) => ({ channelId, userId });

export const written = (row: Row) => ({
  state: row.state,
  verified: row.verified ? 1 : 0,
  generation: row.generation,
  confirmed: JSON.stringify(row.confirmed),
  attempts: row.attempts,
  provenAt: row.provenAt,
});
