import type { SecretUse, SecretUses } from "../contract/secret-uses.ts";
import type { PostgresDatabase } from "./database.ts";

export class PostgresSecretUses implements SecretUses {
  readonly #db: PostgresDatabase;

  constructor(db: PostgresDatabase) {
    this.#db = db;
  }

  /** In one order for all, so that no two instances wait for each other. */
  async countSecretUses(uses: readonly SecretUse[]): Promise<void> {
    if (uses.length === 0) return;
    await this.#db.query(
      `INSERT INTO vambe_identity.secret_use AS known (secret, kid, proofs, last_at)
       SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[]) AS new (secret, kid, proofs, last_at)
       ORDER BY secret, kid
       ON CONFLICT (secret, kid) DO UPDATE SET proofs = known.proofs + excluded.proofs,
         last_at = greatest(known.last_at, excluded.last_at)`,
      [
        uses.map(({ secret }) => secret),
        uses.map(({ kid }) => kid),
        uses.map(({ proofs }) => proofs),
        uses.map(({ lastAt }) => lastAt),
      ],
    );
  }

  async secretUses(): Promise<SecretUse[]> {
    const { rows } = await this.#db.query<{ secret: string; kid: string; proofs: number; last_at: number }>(
      `SELECT secret, kid, proofs, last_at FROM vambe_identity.secret_use
       ORDER BY last_at DESC, secret COLLATE "C", kid COLLATE "C"`,
    );
    return rows.map(({ secret, kid, proofs, last_at }) => ({ secret, kid, proofs, lastAt: last_at }));
  }
}
