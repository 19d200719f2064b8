import type { DatabaseSync } from "node:sqlite";
import type { UsedProofs } from "../contract/used-proofs.ts";
import { transaction } from "./transaction.ts";

/** Forgets at most this many at a time, so that no one caller waits for all of them. */
const MOST_FORGOTTEN = 100;

export class SqliteUsedProofs implements UsedProofs {
  readonly #db: DatabaseSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  async useOnce(id: string, expiresAt: number, now: number): Promise<boolean> {
    return transaction(this.#db, () => {
      this.#db
        .prepare(
          `DELETE FROM used_proof WHERE id IN
             (SELECT id FROM used_proof WHERE expires_at <= :now ORDER BY expires_at LIMIT ${MOST_FORGOTTEN})`,
        )
        .run({ now });
      const { changes } = this.#db
        .prepare(
          `INSERT INTO used_proof (id, expires_at) VALUES (:id, :expiresAt)
           ON CONFLICT DO UPDATE SET expires_at = :expiresAt WHERE expires_at <= :now`,
        )
        .run({ id, expiresAt, now });
      return changes === 1;
    });
  }
}
