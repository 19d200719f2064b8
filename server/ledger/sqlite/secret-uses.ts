import type { DatabaseSync } from "node:sqlite";
import type { SecretUse, SecretUses } from "../contract/secret-uses.ts";
import { transaction } from "./transaction.ts";

export class SqliteSecretUses implements SecretUses {
  readonly #db: DatabaseSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  async countSecretUses(uses: readonly SecretUse[]): Promise<void> {
    await transaction(this.#db, () => {
      const count = this.#db.prepare(
        `INSERT INTO secret_use (secret, kid, proofs, last_at) VALUES (:secret, :kid, :proofs, :lastAt)
         ON CONFLICT DO UPDATE SET proofs = proofs + :proofs, last_at = max(last_at, :lastAt)`,
      );
      for (const { secret, kid, proofs, lastAt } of uses) count.run({ secret, kid, proofs, lastAt });
    });
  }

  async secretUses(): Promise<SecretUse[]> {
    return this.#db
      .prepare("SELECT secret, kid, proofs, last_at FROM secret_use ORDER BY last_at DESC, secret, kid")
      .all()
      .map((row) => ({
        secret: String(row.secret),
        kid: String(row.kid),
        proofs: Number(row.proofs),
        lastAt: Number(row.last_at),
      }));
  }
}
