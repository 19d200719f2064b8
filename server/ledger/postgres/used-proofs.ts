import type { UsedProofs } from "../contract/used-proofs.ts";
import type { PostgresDatabase } from "./database.ts";
import { NOW } from "./row.ts";

/** Forgets at most this many at a time, so that no one caller waits for all of them. */
const MOST_FORGOTTEN = 100;

export class PostgresUsedProofs implements UsedProofs {
  readonly #db: PostgresDatabase;

  constructor(db: PostgresDatabase) {
    this.#db = db;
  }

  /** `expiresAt` comes from the proof and not from the caller's clock, so it is kept as it is. */
  async useOnce(id: string, expiresAt: number): Promise<boolean> {
    const { rowCount } = await this.#db.often(
      `WITH forgotten AS (
         DELETE FROM vambe_identity.used_proof WHERE id IN (
           SELECT id FROM vambe_identity.used_proof WHERE expires_at <= ${NOW} AND id <> $1
           ORDER BY expires_at LIMIT ${MOST_FORGOTTEN} FOR UPDATE SKIP LOCKED))
       INSERT INTO vambe_identity.used_proof AS used (id, expires_at) VALUES ($1, $2)
       ON CONFLICT (id) DO UPDATE SET expires_at = excluded.expires_at WHERE used.expires_at <= ${NOW}`,
      [id, expiresAt],
    );
    return rowCount === 1;
  }
}
