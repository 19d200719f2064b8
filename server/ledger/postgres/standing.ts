import type { Bulk, Standing } from "../contract/bulk.ts";
import type { RowState } from "../row.ts";
import type { UserKey } from "../user-key.ts";
import type { PostgresDatabase } from "./database.ts";
import { ASKED, asked } from "./row.ts";

interface Columns {
  channel_id: string;
  user_id: string;
  state: RowState;
  attempts: number;
  last_error: string | null;
  names: string[];
}

export class PostgresStanding implements Pick<Bulk, "standingOf"> {
  readonly #db: PostgresDatabase;

  constructor(db: PostgresDatabase) {
    this.#db = db;
  }

  async standingOf(users: readonly UserKey[]): Promise<Standing[]> {
    if (users.length === 0) return [];
    const { rows } = await this.#db.query<Columns>(
      `SELECT channel_id, user_id, state, attempts, last_error, names FROM ${ASKED}
       JOIN vambe_identity.contact USING (channel_id, user_id)`,
      asked(users),
    );
    return rows.map((row) => ({
      channelId: row.channel_id,
      userId: row.user_id,
      state: row.state,
      attempts: row.attempts,
      lastError: row.last_error ?? undefined,
      traits: row.names,
    }));
  }
}
