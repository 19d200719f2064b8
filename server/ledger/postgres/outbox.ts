import type { ContactTraits, OutboxCounts } from "../ledger.ts";
import type { ErrorCount, OutboxEntry, OutboxFilter, WaitingState } from "../outbox.ts";
import type { PostgresDatabase } from "./database.ts";
import { NOW } from "./row.ts";

/** The operator's side of the ledger: `outbox.ts` says what each is for. Times are the database's. */

export async function countOutbox(db: PostgresDatabase): Promise<OutboxCounts> {
  const counts: OutboxCounts = { pending: 0, withheld: 0, rejected: 0 };
  const { rows } = await db.query<{ state: WaitingState; rows: number }>(
    "SELECT state, count(*) AS rows FROM vambe_identity.contact WHERE state <> 'idle' GROUP BY state",
  );
  for (const { state, rows: count } of rows) counts[state] = count;
  return counts;
}

export async function oldestPending(db: PostgresDatabase): Promise<number | undefined> {
  const { rows } = await db.query<{ since: number | null }>(
    `SELECT min(pending_since) AS since FROM vambe_identity.contact
     WHERE state = 'pending' AND state <> 'idle'`,
  );
  return rows[0]?.since ?? undefined;
}

export async function lastErrors(db: PostgresDatabase, limit: number): Promise<ErrorCount[]> {
  const { rows } = await db.query<{ error: string; rows: number }>(
    `SELECT last_error AS error, count(*) AS rows FROM vambe_identity.contact
     WHERE state <> 'idle' AND last_error IS NOT NULL
     GROUP BY last_error ORDER BY rows DESC, last_error COLLATE "C" LIMIT $1`,
    [limit],
  );
  return rows;
}

interface EntryColumns {
  channel_id: string;
  user_id: string;
  state: WaitingState;
  pending_since: number;
  attempts: number;
  next_attempt_at: number;
  last_error: string | null;
  pending: ContactTraits;
}

export async function entries(db: PostgresDatabase, { state, limit }: OutboxFilter): Promise<OutboxEntry[]> {
  const { rows } = await db.query<EntryColumns>(
    `SELECT channel_id, user_id, state, pending_since, attempts, next_attempt_at, last_error, pending
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
    traits: Object.keys(row.pending),
  }));
}

export async function retry(db: PostgresDatabase, userId: string | undefined, now: number): Promise<number> {
  const { rows } = await db.query<{ changed: number; withheld: number }>(
    `WITH changed AS (
       UPDATE vambe_identity.contact SET state = 'pending', attempts = 0, next_attempt_at = ${NOW},
         version = version + 1, pending_since = CASE state WHEN 'pending' THEN pending_since ELSE ${NOW} END
       WHERE state IN ('pending', 'rejected') AND ($1::text IS NULL OR user_id = $1) RETURNING 1)
     SELECT (SELECT count(*) FROM changed) AS changed,
       (SELECT count(*) FROM vambe_identity.contact
        WHERE state = 'withheld' AND ($1::text IS NULL OR user_id = $1)) AS withheld`,
    [userId ?? null],
  );
  const { changed = 0, withheld = 0 } = rows[0] ?? {};
  if (withheld > 0)
    await db.query("UPDATE vambe_identity.missing_field SET probe_at = $1 WHERE probe_at > $1", [now]);
  return changed + withheld;
}

export async function forget(db: PostgresDatabase, userId: string): Promise<boolean> {
  const { rowCount } = await db.query("DELETE FROM vambe_identity.contact WHERE user_id = $1", [userId]);
  return (rowCount ?? 0) > 0;
}
