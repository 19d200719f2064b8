import { lateness, type Turn } from "../contract/shared.ts";
import { LONGEST_WAIT_MS } from "../row.ts";
import type { PostgresDatabase } from "./database.ts";
import { NOW } from "./row.ts";

/**
 * One row says when the next call to Vambe may begin. Who takes a turn moves it on, in one statement, so that of
 * all instances no two have the same turn. Who may not reach ahead takes one only where it is free at once, and
 * so leaves the queue to those that may.
 */
const TAKE_TURN = `
  WITH clock AS (SELECT ${NOW}::double precision AS now),
  taken AS (
    INSERT INTO vambe_identity.pace AS pace (name, next_at) SELECT 'upsert', now + $1::double precision FROM clock
    ON CONFLICT (name) DO UPDATE SET next_at = $1::double precision + CASE
      WHEN pace.next_at > excluded.next_at - $1 + ${LONGEST_WAIT_MS} THEN excluded.next_at - $1
      ELSE greatest(pace.next_at, excluded.next_at - $1 - $3::double precision) END
    WHERE $2::boolean OR pace.next_at <= excluded.next_at - $1
      OR pace.next_at > excluded.next_at - $1 + ${LONGEST_WAIT_MS}
    RETURNING next_at)
  SELECT (SELECT next_at FROM taken) - $1 - now AS in_ms,
    (SELECT next_at FROM vambe_identity.pace WHERE name = 'upsert') - now AS free_in_ms
  FROM clock`;

export async function takeTurn(db: PostgresDatabase, perSecond: number, ahead: boolean): Promise<Turn> {
  const { rows } = await db.often<{ in_ms: number | null; free_in_ms: number | null }>(TAKE_TURN, [
    1000 / perSecond,
    ahead,
    lateness(1000 / perSecond),
  ]);
  const { in_ms: inMs, free_in_ms: freeInMs } = rows[0] ?? {};
  return typeof inMs === "number"
    ? { taken: true, inMs: Math.max(inMs, 0) }
    : { taken: false, inMs: Math.max(freeInMs ?? 0, 1) };
}
