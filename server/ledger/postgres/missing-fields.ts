import { CLEARING, type MissingField, type MissingFields } from "../contract/missing-fields.ts";
import { LONGEST_WAIT_MS } from "../row.ts";
import type { PostgresDatabase } from "./database.ts";
import { inSteps, STEP } from "./in-steps.ts";
import type { PostgresNotices } from "./notices.ts";
import { HOLDS_FIELD, NOW } from "./row.ts";

/**
 * When to look for a field again goes by the callers' clocks: one that is wrong makes somebody look too soon or too
 * late, and no more.
 */
export class PostgresMissingFields implements MissingFields {
  readonly #db: PostgresDatabase;
  readonly #notices: PostgresNotices;

  constructor(db: PostgresDatabase, notices: PostgresNotices) {
    this.#db = db;
    this.#notices = notices;
  }

  async missingFields(): Promise<MissingField[]> {
    const { rows } = await this.#db.query<{ key: string; probe_at: number; attempts: number }>(
      `SELECT key, probe_at, attempts FROM vambe_identity.missing_field WHERE attempts <> ${CLEARING}`,
    );
    return rows.map(({ key, probe_at, attempts }) => ({ key, probeAt: probe_at, attempts }));
  }

  async markMissing({ key, probeAt, attempts }: MissingField): Promise<void> {
    await this.#db.query(
      `INSERT INTO vambe_identity.missing_field (key, probe_at, attempts) VALUES ($1, $2, $3)
       ON CONFLICT (key) DO UPDATE SET probe_at = excluded.probe_at, attempts = excluded.attempts`,
      [key, Math.round(probeAt), attempts],
    );
  }

  async clearMissing(key: string): Promise<void> {
    await this.#db.query(
      `INSERT INTO vambe_identity.missing_field (key, probe_at, attempts) VALUES ($1, ${NOW}, ${CLEARING})
       ON CONFLICT (key) DO UPDATE SET attempts = excluded.attempts`,
      [key],
    );
    await inSteps(
      this.#db,
      `UPDATE vambe_identity.contact SET state = 'pending', version = version + 1, pending_since = ${NOW},
         next_attempt_at = ${NOW} + least(${LONGEST_WAIT_MS}, 10000 * ((1 << least(attempts, 6)) - 1))
       WHERE (channel_id, user_id) IN (SELECT channel_id, user_id FROM vambe_identity.contact
         WHERE state = 'withheld' AND state <> 'idle' AND ${HOLDS_FIELD}
         ORDER BY channel_id, user_id LIMIT ${STEP} FOR UPDATE)`,
      [key],
    );
    await this.#db.query(
      `DELETE FROM vambe_identity.missing_field WHERE key = $1 AND attempts = ${CLEARING}`,
      [key],
    );
    this.#notices.tell({ kind: "due" });
  }

  async markTaken(key: string): Promise<void> {
    await this.#db.query("INSERT INTO vambe_identity.taken_field (key) VALUES ($1) ON CONFLICT DO NOTHING", [
      key,
    ]);
  }

  async wasEverTaken(key: string): Promise<boolean> {
    const { rows } = await this.#db.query("SELECT 1 FROM vambe_identity.taken_field WHERE key = $1", [key]);
    return rows.length > 0;
  }

  /** Ends what an instance that was killed has broken off. Where it is still at it, both do it. */
  async clearOn(): Promise<void> {
    const { rows } = await this.#db.query<{ key: string }>(
      `SELECT key FROM vambe_identity.missing_field WHERE attempts = ${CLEARING}`,
    );
    for (const { key } of rows) await this.clearMissing(key);
  }
}
