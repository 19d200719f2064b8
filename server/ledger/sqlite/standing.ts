import type { DatabaseSync } from "node:sqlite";
import type { Bulk, Standing } from "../contract/bulk.ts";
import type { RowState } from "../row.ts";
import type { UserKey } from "../user-key.ts";
import { prepared } from "./statements.ts";

export class SqliteStanding implements Pick<Bulk, "standingOf"> {
  readonly #db: DatabaseSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  async standingOf(users: readonly UserKey[]): Promise<Standing[]> {
    const look = prepared(
      this.#db,
      `SELECT state, attempts, last_error, names FROM contact LEFT JOIN payload USING (channel_id, user_id)
       WHERE contact.channel_id = ? AND contact.user_id = ?`,
    );
    return users.flatMap(({ channelId, userId }) => {
      const row = look.get(channelId, userId);
      if (!row) return [];
      return {
        channelId,
        userId,
        state: row.state as RowState,
        attempts: Number(row.attempts),
        lastError: row.last_error === null ? undefined : String(row.last_error),
        traits: row.names === null ? [] : JSON.parse(String(row.names)),
      };
    });
  }
}
