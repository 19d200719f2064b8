import { FIELD, fieldTrait } from "../contact-traits.ts";
import { type MissingField, type MissingFields, MOST_ASKED } from "../contract/missing-fields.ts";
import { LONGEST_WAIT_MS } from "../row.ts";
import type { PostgresDatabase } from "./database.ts";
import type { PostgresNotices } from "./notices.ts";
import { NOW } from "./row.ts";

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
      "SELECT key, probe_at, attempts FROM vambe_identity.missing_field",
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
      `WITH exists_by_now AS (DELETE FROM vambe_identity.missing_field WHERE key = $1::text)
       UPDATE vambe_identity.contact SET state = 'pending', version = version + 1, pending_since = ${NOW},
         next_attempt_at = ${NOW} + least(${LONGEST_WAIT_MS}, 10000 * ((1 << least(attempts, 6)) - 1))
       WHERE state = 'withheld' AND pending ? ('${FIELD}' || $1::text)`,
      [key],
    );
    this.#notices.tell({ kind: "due" });
  }

  async wasEverTaken(key: string): Promise<boolean> {
    const { rows } = await this.#db.query(
      `SELECT 1 FROM (SELECT confirmed FROM vambe_identity.contact LIMIT ${MOST_ASKED}) AS asked
       WHERE confirmed ? $1::text LIMIT 1`,
      [fieldTrait(key)],
    );
    return rows.length > 0;
  }
}
