import { DatabaseSync } from "node:sqlite";

/** Puts so many rows into an SQLite ledger as an outage leaves them behind: each has failed and is due in five minutes. */
export function fillBacklog(path: string, channelId: string, rows: number, state = "pending"): void {
  const db = new DatabaseSync(path);
  db.exec("PRAGMA busy_timeout = 5000; BEGIN IMMEDIATE");
  db.prepare(
    `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :rows)
     INSERT INTO contact (channel_id, user_id, state, verified, generation, confirmed, attempts, next_attempt_at,
       lease_until, pending_since, last_error)
     SELECT :channelId, 'waiting-' || i, :state, 1, 1, '{}', 2, :dueAt + i, 0, :since + i, '500' FROM n`,
  ).run({ channelId, rows, state, dueAt: Date.now() + 300_000, since: Date.now() - 600_000 });
  // As another's: what is in it counts for no test.
  db.exec(
    `INSERT INTO payload SELECT channel_id, user_id, '["name","field:plan"]', x'00' FROM contact WHERE user_id LIKE 'waiting-%'`,
  );
  db.exec("COMMIT");
  db.close();
}
