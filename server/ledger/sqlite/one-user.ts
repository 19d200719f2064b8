import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import type { KeptUser, OneUser } from "../contract/one-user.ts";
import type { RowState } from "../row.ts";
import { IS_USER } from "./outbox.ts";

export class SqliteOneUser implements OneUser {
  readonly #db: DatabaseSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  async keptOf(userId: string): Promise<KeptUser[]> {
    return this.#db
      .prepare(
        `SELECT channel_id, user_id, state, verified, pending_since, attempts, next_attempt_at, last_error, contact_id,
           (SELECT json_group_array(key) FROM json_each(contact.confirmed)) AS confirmed,
           (SELECT names FROM payload AS p WHERE p.channel_id = contact.channel_id AND p.user_id = contact.user_id) AS names
         FROM contact WHERE ${IS_USER} ORDER BY channel_id`,
      )
      .all({ userId })
      .map(keptIn);
  }
}

const keptIn = (row: Record<string, SQLOutputValue>): KeptUser => ({
  channelId: String(row.channel_id),
  userId: String(row.user_id),
  state: row.state as RowState,
  verified: row.verified === 1,
  since: row.pending_since === null ? undefined : Number(row.pending_since),
  attempts: Number(row.attempts),
  dueAt: Number(row.next_attempt_at),
  lastError: row.last_error === null ? undefined : String(row.last_error),
  traits: row.names === null ? [] : JSON.parse(String(row.names)),
  confirmed: (JSON.parse(String(row.confirmed)) as string[]).sort(),
  contactId: row.contact_id === null ? undefined : String(row.contact_id),
});
