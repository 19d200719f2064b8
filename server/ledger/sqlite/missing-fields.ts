import type { DatabaseSync } from "node:sqlite";
import type { MissingField } from "../ledger.ts";

/** The custom fields that Vambe does not have. */

export function missingFields(db: DatabaseSync): MissingField[] {
  return db
    .prepare("SELECT key, probe_at, attempts FROM missing_field")
    .all()
    .map((row) => ({
      key: String(row.key),
      probeAt: Number(row.probe_at),
      attempts: Number(row.attempts),
    }));
}

export function markMissing(db: DatabaseSync, { key, probeAt, attempts }: MissingField): void {
  db.prepare(
    `INSERT INTO missing_field (key, probe_at, attempts) VALUES (:key, :probeAt, :attempts)
     ON CONFLICT DO UPDATE SET probe_at = :probeAt, attempts = :attempts`,
  ).run({ key, probeAt, attempts });
}
