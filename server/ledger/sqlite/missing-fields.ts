import type { DatabaseSync } from "node:sqlite";
import { CLEARING, type MissingField, type MissingFields } from "../contract/missing-fields.ts";
import { LONGEST_WAIT_MS } from "../row.ts";
import { HOLDS_FIELD } from "./row.ts";
import { IN_STRETCH, stretches } from "./stretches.ts";

export class SqliteMissingFields implements MissingFields {
  readonly #db: DatabaseSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  async missingFields(): Promise<MissingField[]> {
    return this.#db
      .prepare(`SELECT key, probe_at, attempts FROM missing_field WHERE attempts <> ${CLEARING}`)
      .all()
      .map((row) => ({
        key: String(row.key),
        probeAt: Number(row.probe_at),
        attempts: Number(row.attempts),
      }));
  }

  async markMissing({ key, probeAt, attempts }: MissingField): Promise<void> {
    this.#db
      .prepare(
        `INSERT INTO missing_field (key, probe_at, attempts) VALUES (:key, :probeAt, :attempts)
         ON CONFLICT DO UPDATE SET probe_at = :probeAt, attempts = :attempts`,
      )
      .run({ key, probeAt, attempts });
  }

  /** A stretch at a time. */
  async clearMissing(key: string, now: number): Promise<void> {
    this.#db
      .prepare(
        `INSERT INTO missing_field (key, probe_at, attempts) VALUES (:key, :now, ${CLEARING})
         ON CONFLICT DO UPDATE SET attempts = ${CLEARING}`,
      )
      .run({ key, now });
    const release = this.#db.prepare(
      `UPDATE contact SET state = 'pending', pending_since = :now,
         next_attempt_at = :now + min(${LONGEST_WAIT_MS}, 10000 * ((1 << min(attempts, 6)) - 1))
       WHERE ${IN_STRETCH} AND state = 'withheld' AND ${HOLDS_FIELD}`,
    );
    for await (const stretch of stretches(this.#db)) release.run({ now, field: key, ...stretch });
    this.#db.prepare(`DELETE FROM missing_field WHERE key = :key AND attempts = ${CLEARING}`).run({ key });
  }

  /** Ends what was under way when the process was killed. */
  async clearOn(now: number): Promise<void> {
    const found = this.#db.prepare(`SELECT key FROM missing_field WHERE attempts = ${CLEARING}`).all();
    for (const { key } of found) await this.clearMissing(String(key), now);
  }

  async markTaken(key: string): Promise<void> {
    this.#db.prepare("INSERT INTO taken_field (key) VALUES (:key) ON CONFLICT DO NOTHING").run({ key });
  }

  async wasEverTaken(key: string): Promise<boolean> {
    return this.#db.prepare("SELECT 1 FROM taken_field WHERE key = :key").get({ key }) !== undefined;
  }
}
