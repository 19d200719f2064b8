import { boundedOrigins } from "../bounded-origins.ts";
import {
  type Counted,
  HOUR_MS,
  type IdentifyCount,
  type IdentifyCounts,
  KEPT_FOR_MS,
} from "../contract/identify-counts.ts";
import type { PostgresDatabase } from "./database.ts";
import { NOW } from "./row.ts";

/** When the hour began that it is. */
const HOUR = `(${NOW} / ${HOUR_MS} * ${HOUR_MS})`;

export class PostgresIdentifyCounts implements IdentifyCounts {
  readonly #db: PostgresDatabase;

  constructor(db: PostgresDatabase) {
    this.#db = db;
  }

  /** Instances that write new origins at the same moment may go past the bound, each by its own. */
  async countIdentifies(counts: readonly Counted[]): Promise<void> {
    if (counts.length === 0) return;
    const { rows } = await this.#db.query<{ origin: string }>(
      `SELECT DISTINCT origin FROM vambe_identity.identify_count WHERE hour = ${HOUR}`,
    );
    const bounded = boundedOrigins(
      counts,
      rows.map(({ origin }) => origin),
    );
    await this.#db.query(
      `WITH deleted AS (
         DELETE FROM vambe_identity.identify_count WHERE hour < ${HOUR} - ${KEPT_FOR_MS} OR hour > ${HOUR})
       INSERT INTO vambe_identity.identify_count AS known (hour, origin, outcome, how, count)
       SELECT ${HOUR}, * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) AS new (origin, outcome, how, count)
       ON CONFLICT (hour, origin, outcome, how) DO UPDATE SET count = known.count + excluded.count`,
      [
        bounded.map(({ origin }) => origin),
        bounded.map(({ outcome }) => outcome),
        bounded.map(({ how }) => how),
        bounded.map(({ count }) => count),
      ],
    );
  }

  async identifyCounts(since: number): Promise<IdentifyCount[]> {
    const { rows } = await this.#db.query<IdentifyCount>(
      `SELECT hour, origin, outcome, how, count FROM vambe_identity.identify_count WHERE hour > $1
       ORDER BY hour, origin COLLATE "C", outcome COLLATE "C", how COLLATE "C"`,
      [since - HOUR_MS],
    );
    return rows;
  }
}
