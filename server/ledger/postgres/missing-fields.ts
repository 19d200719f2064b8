import type { Background, Steps } from "../background.ts";
import { fieldTrait } from "../contact-traits.ts";
import { CLEARING, type MissingField, type MissingFields } from "../contract/missing-fields.ts";
import { LEASE_MS, LONGEST_WAIT_MS } from "../row.ts";
import type { PostgresDatabase } from "./database.ts";
import type { PostgresNotices } from "./notices.ts";
import { holdsField, NOW } from "./row.ts";
import { changeInSteps, ofState } from "./steps.ts";

/**
 * When to look for a field again goes by the callers' clocks: one that is wrong makes somebody look too soon or too
 * late, and no more.
 */
export class PostgresMissingFields implements MissingFields {
  readonly #db: PostgresDatabase;
  readonly #notices: PostgresNotices;
  readonly #background: Background;

  constructor(db: PostgresDatabase, notices: PostgresNotices, background: Background) {
    this.#background = background;
    this.#db = db;
    this.#notices = notices;
  }

  async missingFields(): Promise<MissingField[]> {
    const { rows } = await this.#db.often<{ key: string; probe_at: number; attempts: number }>(
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
       ON CONFLICT (key) DO UPDATE SET probe_at = excluded.probe_at, attempts = excluded.attempts`,
      [key],
    );
    await this.#background.start(fieldTrait(key), () => this.#release(key));
  }

  /** Until nothing is left, or the field is missing again. */
  async *#release(key: string): Steps {
    const release = {
      set: `state = 'pending', version = version + 1, pending_since = ${NOW},
        next_attempt_at = ${NOW} + least(${LONGEST_WAIT_MS}, 10000 * ((1 << least(attempts, 6)) - 1))`,
      where: holdsField("$1"),
    };
    for await (const { isMore } of changeInSteps(this.#db, ofState("withheld"), release, [key])) {
      this.#notices.tell({ kind: "due" });
      if (!isMore) break;
      if (!(await this.#isClearing(key))) return;
      yield;
    }
    await this.#db.query(
      `DELETE FROM vambe_identity.missing_field WHERE key = $1 AND attempts = ${CLEARING}`,
      [key],
    );
  }

  /** Whether it still is, and that this instance is at it. */
  async #isClearing(key: string): Promise<boolean> {
    const { rowCount } = await this.#db.query(
      `UPDATE vambe_identity.missing_field SET probe_at = ${NOW} WHERE key = $1 AND attempts = ${CLEARING}`,
      [key],
    );
    return rowCount === 1;
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

  /**
   * Ends what an error has broken off, or the end of an instance: one of those that are left takes it on.
   * @param atOnce also what another instance may be at: then both do it
   */
  async clearOn(atOnce: boolean): Promise<void> {
    const { rows } = await this.#db.query<{ key: string }>(
      `UPDATE vambe_identity.missing_field SET probe_at = ${NOW}
       WHERE attempts = ${CLEARING} AND ($1 OR probe_at <= ${NOW} - ${LEASE_MS} OR probe_at > ${NOW}) RETURNING key`,
      [atOnce],
    );
    for (const { key } of rows) await this.#background.start(fieldTrait(key), () => this.#release(key));
  }
}
