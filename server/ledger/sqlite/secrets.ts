import type { DatabaseSync } from "node:sqlite";
import type { Secrets } from "../contract/secrets.ts";
import { patiently } from "./patiently.ts";

export class SqliteSecrets implements Secrets {
  readonly #db: DatabaseSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  async readSecret(name: string): Promise<string | undefined> {
    const found = this.#db.prepare("SELECT value FROM secret WHERE name = :name").get({ name });
    return found && String(found.value);
  }

  async replaceSecret(name: string, expected: string | undefined, next: string): Promise<boolean> {
    if (expected === undefined) {
      const insert = this.#db.prepare(
        "INSERT INTO secret (name, value) VALUES (:name, :next) ON CONFLICT DO NOTHING",
      );
      return patiently(this.#db, () => insert.run({ name, next }).changes === 1);
    }
    const update = this.#db.prepare(
      "UPDATE secret SET value = :next WHERE name = :name AND value = :expected",
    );
    return patiently(this.#db, () => update.run({ name, expected, next }).changes === 1);
  }
}
