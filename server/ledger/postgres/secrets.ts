import type { Secrets } from "../contract/secrets.ts";
import type { PostgresDatabase } from "./database.ts";

/**
 * A secret is kept as bytes, since text could not hold every string. What is replaced is gone for every reader; from
 * the server's own files it goes with the next vacuum, and from its write-ahead log as that is recycled.
 */
export class PostgresSecrets implements Secrets {
  readonly #db: PostgresDatabase;

  constructor(db: PostgresDatabase) {
    this.#db = db;
  }

  async readSecret(name: string): Promise<string | undefined> {
    const { rows } = await this.#db.query<{ value: Buffer }>(
      "SELECT value FROM vambe_identity.secret WHERE name = $1",
      [name],
    );
    return rows[0]?.value.toString("utf8");
  }

  async replaceSecret(name: string, expected: string | undefined, next: string): Promise<boolean> {
    const { rowCount } =
      expected === undefined
        ? await this.#db.query(
            "INSERT INTO vambe_identity.secret (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            [name, Buffer.from(next)],
          )
        : await this.#db.query("UPDATE vambe_identity.secret SET value = $2 WHERE name = $1 AND value = $3", [
            name,
            Buffer.from(next),
            Buffer.from(expected),
          ]);
    return rowCount === 1;
  }
}
