import {
  type ErrorCount,
  type Outbox,
  type OutboxCounts,
  type OutboxEntry,
  type OutboxFilter,
  WAITING_STATES,
  type WaitingState,
} from "../contract/outbox.ts";
import type { PostgresDatabase } from "./database.ts";
import { inSteps, STEP } from "./in-steps.ts";
import type { PostgresNotices } from "./notices.ts";
import { NOW } from "./row.ts";

/** The times in it are the database's. */
export class PostgresOutbox implements Outbox {
  readonly #db: PostgresDatabase;
  readonly #notices: PostgresNotices;

  readonly #channelId: string | undefined;

  /** @param channelId whose rows are carried; `undefined` for a command, which looks at all */
  constructor(db: PostgresDatabase, notices: PostgresNotices, channelId?: string) {
    this.#db = db;
    this.#notices = notices;
    this.#channelId = channelId;
  }

  async outbox(most?: number): Promise<OutboxCounts> {
    const count = (state: WaitingState) =>
      `(SELECT count(*) FROM (SELECT 1 FROM vambe_identity.contact
         WHERE state = '${state}' AND state <> 'idle' LIMIT $1) AS counted) AS ${state}`;
    const { rows } = await this.#db.query<OutboxCounts>(`SELECT ${WAITING_STATES.map(count).join(", ")}`, [
      most ?? null,
    ]);
    return rows[0] ?? { pending: 0, withheld: 0, rejected: 0 };
  }

  async oldestPending(): Promise<number | undefined> {
    const { rows } = await this.#db.query<{ since: number | null }>(
      `SELECT pending_since AS since FROM vambe_identity.contact
       WHERE state = 'pending' AND state <> 'idle' AND ($1::text IS NULL OR channel_id = $1)
       ORDER BY pending_since LIMIT 1`,
      [this.#channelId ?? null],
    );
    return rows[0]?.since ?? undefined;
  }

  async ofOtherChannels(most: number): Promise<{ rows: number; channels: string[] }> {
    const { rows } = await this.#db.query<{ channel_id: string; rows: number }>(
      `SELECT channel_id, count(*)::int AS rows FROM
         (SELECT channel_id FROM vambe_identity.contact WHERE state <> 'idle' AND channel_id <> $1 LIMIT $2) AS others
       GROUP BY channel_id ORDER BY channel_id COLLATE "C"`,
      [this.#channelId ?? null, most],
    );
    return {
      rows: rows.reduce((sum, each) => sum + each.rows, 0),
      channels: rows.map(({ channel_id }) => channel_id),
    };
  }

  async lastErrors(limit: number): Promise<ErrorCount[]> {
    const { rows } = await this.#db.query<{ error: string; rows: number }>(
      `SELECT last_error AS error, count(*) AS rows FROM vambe_identity.contact
       WHERE state <> 'idle' AND last_error IS NOT NULL
       GROUP BY last_error ORDER BY rows DESC, last_error COLLATE "C" LIMIT $1`,
      [limit],
    );
    return rows;
  }

  async entries({ state, limit }: OutboxFilter): Promise<OutboxEntry[]> {
    const { rows } = await this.#db.query<EntryColumns>(
      `SELECT channel_id, user_id, state, pending_since, attempts, next_attempt_at, last_error, names
       FROM vambe_identity.contact WHERE state <> 'idle' AND ($1::text IS NULL OR state = $1)
       ORDER BY pending_since, channel_id COLLATE "C", user_id COLLATE "C" LIMIT $2`,
      [state ?? null, limit],
    );
    return rows.map((row) => ({
      channelId: row.channel_id,
      userId: row.user_id,
      state: row.state,
      since: row.pending_since,
      attempts: row.attempts,
      dueAt: row.next_attempt_at,
      lastError: row.last_error ?? undefined,
      traits: row.names,
    }));
  }

  async retry(userId: string | undefined, now: number): Promise<number> {
    const whose = "state <> 'idle' AND ($1::text IS NULL OR user_id = $1)";
    const { rows } = await this.#db.query<{ waiting: number; withheld: number }>(
      `SELECT count(*) AS waiting, count(*) FILTER (WHERE state = 'withheld') AS withheld
       FROM vambe_identity.contact WHERE ${whose}`,
      [userId ?? null],
    );
    await inSteps(
      this.#db,
      `UPDATE vambe_identity.contact SET state = 'pending', attempts = 0, next_attempt_at = ${NOW},
         version = version + 1, pending_since = CASE state WHEN 'pending' THEN pending_since ELSE ${NOW} END
       WHERE (channel_id, user_id) IN (SELECT channel_id, user_id FROM vambe_identity.contact
         WHERE ${whose} AND (state = 'rejected'
           OR (state = 'pending' AND (attempts > 0 OR next_attempt_at > ${NOW})))
         ORDER BY channel_id, user_id LIMIT ${STEP} FOR UPDATE)`,
      [userId ?? null],
    );
    const { waiting = 0, withheld = 0 } = rows[0] ?? {};
    if (withheld > 0)
      await this.#db.query("UPDATE vambe_identity.missing_field SET probe_at = $1 WHERE probe_at > $1", [
        now,
      ]);
    this.#notices.tell({ kind: "due" });
    return waiting;
  }

  async forget(userId: string): Promise<boolean> {
    const { rowCount } = await this.#db.query("DELETE FROM vambe_identity.contact WHERE user_id = $1", [
      userId,
    ]);
    return (rowCount ?? 0) > 0;
  }
}

interface EntryColumns {
  channel_id: string;
  user_id: string;
  state: WaitingState;
  pending_since: number;
  attempts: number;
  next_attempt_at: number;
  last_error: string | null;
  names: string[];
}
