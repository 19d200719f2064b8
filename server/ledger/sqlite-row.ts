import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import type { ContactTraits, Row, Settlement, UserKey } from "./ledger.ts";

/** Between a row of the ledger and the columns that hold it. */

export function readRow(db: DatabaseSync, key: UserKey): Row | undefined {
  const found = db
    .prepare(
      `SELECT state, verified, generation, traits, confirmed, attempts
       FROM contact LEFT JOIN payload USING (channel_id, user_id)
       WHERE contact.channel_id = :channelId AND contact.user_id = :userId`,
    )
    .get(keyOf(key));
  return (
    found && {
      state: String(found.state) as Row["state"],
      verified: found.verified === 1,
      generation: Number(found.generation),
      pending: traitsIn(found.traits),
      confirmed: JSON.parse(String(found.confirmed)),
      attempts: Number(found.attempts),
    }
  );
}

export const traitsIn = (column: SQLOutputValue | undefined): ContactTraits =>
  typeof column === "string" ? JSON.parse(column) : {};

export const retryTimeOf = (settlement: Settlement): number | undefined =>
  settlement.kind === "retry"
    ? settlement.at
    : settlement.kind === "delivered"
      ? settlement.retryAt
      : undefined;

export const keyOf = ({ channelId, userId }: UserKey) => ({ channelId, userId });

export const written = (row: Row) => ({
  state: row.state,
  verified: row.verified ? 1 : 0,
  generation: row.generation,
  confirmed: JSON.stringify(row.confirmed),
  attempts: row.attempts,
});
