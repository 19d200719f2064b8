import type { KeptUser, OneUser } from "../contract/one-user.ts";
import type { RowState } from "../row.ts";
import type { PostgresDatabase } from "./database.ts";

interface Columns {
  channel_id: string;
  user_id: string;
  state: RowState;
  verified: boolean;
  pending_since: number | null;
  attempts: number;
  next_attempt_at: number;
  last_error: string | null;
  contact_id: string | null;
  names: string[] | null;
  confirmed: Record<string, string>;
}

/** The times in it are the database's. */
export class PostgresOneUser implements OneUser {
  readonly #db: PostgresDatabase;

  constructor(db: PostgresDatabase) {
    this.#db = db;
  }

  async keptOf(userId: string): Promise<KeptUser[]> {
    const { rows } = await this.#db.query<Columns>(
      `SELECT channel_id, user_id, state, verified, pending_since, attempts, next_attempt_at, last_error, contact_id, names,
         confirmed
       FROM vambe_identity.contact WHERE user_id = $1 ORDER BY channel_id COLLATE "C"`,
      [userId],
    );
    return rows.map((row) => ({
      channelId: row.channel_id,
      userId: row.user_id,
      state: row.state,
      verified: row.verified,
      since: row.pending_since ?? undefined,
      attempts: row.attempts,
      dueAt: row.next_attempt_at,
      lastError: row.last_error ?? undefined,
      traits: row.names ?? [],
      confirmed: Object.keys(row.confirmed).sort(),
      contactId: row.contact_id ?? undefined,
    }));
  }
}
