import type { DatabaseSync } from "node:sqlite";
import type { DataKey } from "../data-key.ts";
import type { Row } from "../row.ts";
import type { UserKey } from "../user-key.ts";
import { writePayload } from "./payload.ts";
import { keyOf, written } from "./row.ts";
import { prepared } from "./statements.ts";

/** Writes a row that has something new to be sent, at once. What Vambe has confirmed, and a lease, stay. In a transaction. */
export function writePending(db: DatabaseSync, key: DataKey, user: UserKey, row: Row, now: number): void {
  prepared(
    db,
    `INSERT INTO contact (channel_id, user_id, state, verified, generation, confirmed, attempts,
       proven_at, confirmed_at, next_attempt_at, lease_until, pending_since)
     VALUES (:channelId, :userId, :state, :verified, :generation, :confirmed, :attempts, :provenAt, 0, :now,
       0, :now)
     ON CONFLICT DO UPDATE SET state = :state, verified = :verified, generation = :generation,
       attempts = :attempts, proven_at = :provenAt, next_attempt_at = :now,
       pending_since = CASE contact.state WHEN 'pending' THEN pending_since ELSE :now END`,
  ).run({ ...keyOf(user), ...written(row), now });
  writePayload(db, key, user, row.pending);
}
