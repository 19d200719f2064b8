import type { DatabaseSync } from "node:sqlite";
import { boundedOrigins } from "../bounded-origins.ts";
import {
  type Counted,
  HOUR_MS,
  type IdentifyCount,
  type IdentifyCounts,
  KEPT_FOR_MS,
} from "../contract/identify-counts.ts";
import { transaction } from "./transaction.ts";

export class SqliteIdentifyCounts implements IdentifyCounts {
  readonly #db: DatabaseSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  async countIdentifies(counts: readonly Counted[], now: number): Promise<void> {
    if (counts.length === 0) return;
    const hour = Math.floor(now / HOUR_MS) * HOUR_MS;
    await transaction(this.#db, () => {
      // An hour that has not come yet is of a clock that has been put right since.
      this.#db
        .prepare("DELETE FROM identify_count WHERE hour < :first OR hour > :hour")
        .run({ first: hour - KEPT_FOR_MS, hour });
      const known = this.#db
        .prepare("SELECT DISTINCT origin FROM identify_count WHERE hour = :hour")
        .all({ hour })
        .map(({ origin }) => String(origin));
      const add = this.#db.prepare(
        `INSERT INTO identify_count (hour, origin, outcome, how, count) VALUES (:hour, :origin, :outcome, :how, :count)
         ON CONFLICT DO UPDATE SET count = count + :count`,
      );
      for (const one of boundedOrigins(counts, known)) add.run({ hour, ...one });
    });
  }

  async identifyCounts(since: number): Promise<IdentifyCount[]> {
    return this.#db
      .prepare(
        `SELECT hour, origin, outcome, how, count FROM identify_count WHERE hour > :before
         ORDER BY hour, origin, outcome, how`,
      )
      .all({ before: since - HOUR_MS })
      .map(({ hour, origin, outcome, how, count }) => ({
        hour: Number(hour),
        origin: String(origin),
        outcome: outcome === "refused" ? "refused" : "identified",
        how: String(how),
        count: Number(count),
      }));
  }
}
