import { lateness, type Turns } from "../contract/shared.ts";
import { LONGEST_WAIT_MS } from "../row.ts";
import type { PostgresDatabase } from "./database.ts";
import { NOW } from "./row.ts";

/**
 * One row says when the next call to Vambe may begin. Who takes turns moves it on, in one statement, so that of
 * all instances no two have the same turn. Who may not reach ahead takes those alone that are free at once, and
 * so leaves the queue to those that may.
 */
const TAKE_TURNS = `
  WITH clock AS (SELECT ${NOW}::double precision AS now),
  made AS (
    INSERT INTO vambe_identity.pace (name, next_at) VALUES ('upsert', 0) ON CONFLICT DO NOTHING),
  next AS (
    SELECT now, now + CASE WHEN $2::boolean THEN $1::double precision ELSE 0 END AS by,
      CASE WHEN next_at > now + ${LONGEST_WAIT_MS} THEN now ELSE greatest(next_at, now - $3::double precision) END AS at
    FROM clock, vambe_identity.pace WHERE name = 'upsert' FOR UPDATE OF pace),
  turns AS (
    SELECT at - now AS in_ms, at,
      CASE WHEN at <= by THEN least($4::integer, 1 + floor((by - at) / $1)::integer) WHEN $2 THEN 1 ELSE 0 END AS taken
    FROM next),
  moved AS (
    UPDATE vambe_identity.pace SET next_at = turns.at + turns.taken * $1 FROM turns
    WHERE name = 'upsert' AND turns.taken > 0)
  SELECT taken, in_ms FROM turns`;

export async function takeTurns(
  db: PostgresDatabase,
  perSecond: number,
  ahead: boolean,
  most: number,
): Promise<Turns> {
  const intervalMs = 1000 / perSecond;
  const values = [intervalMs, ahead, lateness(intervalMs), most];
  const ask = () => db.often<{ taken: number; in_ms: number }>(TAKE_TURNS, values);
  // The row that was not there, as in a new database, is seen by the next statement.
  const [found] = (await ask()).rows;
  const { taken = 0, in_ms: inMs = 0 } = found ?? (await ask()).rows[0] ?? {};
  return { taken, inMs: Math.max(inMs, taken > 0 ? 0 : 1) };
}
