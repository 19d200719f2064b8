import { LONGEST_WAIT_MS, type MissingField } from "../ledger.ts";
import type { PostgresDatabase } from "./database.ts";
import { NOW } from "./row.ts";

/**
 * The custom fields that Vambe does not have. When to look for them again goes by the callers' clocks: one that
 * is wrong makes somebody look too soon or too late, and no more.
 */

export async function missingFields(db: PostgresDatabase): Promise<MissingField[]> {
  const { rows } = await db.query<{ key: string; probe_at: number; attempts: number }>(
    "SELECT key, probe_at, attempts FROM vambe_identity.missing_field",
  );
  return rows.map(({ key, probe_at, attempts }) => ({ key, probeAt: probe_at, attempts }));
}

export async function markMissing(
  db: PostgresDatabase,
  { key, probeAt, attempts }: MissingField,
): Promise<void> {
  await db.query(
    `INSERT INTO vambe_identity.missing_field (key, probe_at, attempts) VALUES ($1, $2, $3)
     ON CONFLICT (key) DO UPDATE SET probe_at = excluded.probe_at, attempts = excluded.attempts`,
    [key, Math.round(probeAt), attempts],
  );
}

export async function clearMissing(db: PostgresDatabase, key: string): Promise<void> {
  await db.query(
    `WITH exists_by_now AS (DELETE FROM vambe_identity.missing_field WHERE key = $1::text)
     UPDATE vambe_identity.contact SET state = 'pending', version = version + 1, pending_since = ${NOW},
       next_attempt_at = ${NOW} + least(${LONGEST_WAIT_MS}, 10000 * ((1 << least(attempts, 6)) - 1))
     WHERE state = 'withheld' AND pending ? ('field:' || $1::text)`,
    [key],
  );
}
