import type { DatabaseSync } from "node:sqlite";
import type { Background, Steps } from "../background.ts";
import { fieldTrait } from "../contact-traits.ts";
import { CLEARING, type MissingField, type MissingFields } from "../contract/missing-fields.ts";
import { LONGEST_WAIT_MS } from "../row.ts";
import { patiently } from "./patiently.ts";
import { HOLDS_FIELD } from "./row.ts";
import { prepared } from "./statements.ts";
import { changeInSteps, ofState, type Range } from "./steps.ts";

export class SqliteMissingFields implements MissingFields {
  readonly #db: DatabaseSync;
  readonly #background: Background;

  constructor(db: DatabaseSync, background: Background) {
    this.#db = db;
    this.#background = background;
  }

  async missingFields(): Promise<MissingField[]> {
    return prepared(
      this.#db,
      `SELECT key, probe_at, attempts FROM missing_field WHERE attempts <> ${CLEARING}`,
    )
      .all()
      .map((row) => ({
        key: String(row.key),
        probeAt: Number(row.probe_at),
        attempts: Number(row.attempts),
      }));
  }

  async markMissing({ key, probeAt, attempts }: MissingField): Promise<void> {
    const mark = this.#db.prepare(
      `INSERT INTO missing_field (key, probe_at, attempts) VALUES (:key, :probeAt, :attempts)
       ON CONFLICT DO UPDATE SET probe_at = :probeAt, attempts = :attempts`,
    );
    await patiently(this.#db, () => mark.run({ key, probeAt, attempts }));
  }

  async clearMissing(key: string, now: number): Promise<void> {
    const clear = this.#db.prepare(
      `INSERT INTO missing_field (key, probe_at, attempts) VALUES (:key, :now, ${CLEARING})
       ON CONFLICT DO UPDATE SET attempts = ${CLEARING}`,
    );
    await patiently(this.#db, () => clear.run({ key, now }));
    await this.#background.start(fieldTrait(key), () => this.#release(key, now));
  }

  /** Ends what has been broken off: by the end of a process, or by an error. */
  async clearOn(now: number): Promise<void> {
    const found = this.#db.prepare(`SELECT key FROM missing_field WHERE attempts = ${CLEARING}`).all();
    for (const key of found.map((row) => String(row.key)))
      if (!this.#background.isUnderWay(fieldTrait(key)))
        await this.#background.start(fieldTrait(key), () => this.#release(key, now));
  }

  /** Until nothing is left, or the field is missing again. */
  async *#release(key: string, now: number): Steps {
    const release = ({ contact, where, parameters }: Range) =>
      this.#isClearing(key) &&
      prepared(
        this.#db,
        `UPDATE ${contact} SET state = 'pending', pending_since = :now,
           next_attempt_at = :now + min(${LONGEST_WAIT_MS}, 10000 * ((1 << min(attempts, 6)) - 1))
         WHERE ${where} AND ${HOLDS_FIELD}`,
      ).run({ ...parameters, now, field: key });
    for await (const { result, isMore } of changeInSteps(this.#db, ofState("withheld"), release)) {
      if (!result) return;
      if (isMore) yield;
    }
    const end = this.#db.prepare(`DELETE FROM missing_field WHERE key = :key AND attempts = ${CLEARING}`);
    await patiently(this.#db, () => end.run({ key }));
  }

  #isClearing(key: string): boolean {
    const found = prepared(this.#db, "SELECT attempts FROM missing_field WHERE key = :key").get({ key });
    return found?.attempts === CLEARING;
  }

  async markTaken(key: string): Promise<void> {
    const mark = this.#db.prepare("INSERT INTO taken_field (key) VALUES (:key) ON CONFLICT DO NOTHING");
    await patiently(this.#db, () => mark.run({ key }));
  }

  async wasEverTaken(key: string): Promise<boolean> {
    return this.#db.prepare("SELECT 1 FROM taken_field WHERE key = :key").get({ key }) !== undefined;
  }
}
