import { NotWritable, type WriteProof } from "../contract/write-proof.ts";
import type { PostgresDatabase } from "./database.ts";
import { NOW } from "./row.ts";
import { checkStillFit, UnfitDatabase } from "./schema.ts";

/** By SQLSTATE. */
const REASONS: Record<string, string> = {
  "25006": "the database can only be read: it may be a standby",
  "53100": "the database's disk is full",
  "53300": "the database has no connection to spare",
  "57014": "the database takes too long",
};

export class PostgresWriteProof implements WriteProof {
  readonly #db: PostgresDatabase;

  constructor(db: PostgresDatabase) {
    this.#db = db;
  }

  async proveWrite(): Promise<void> {
    try {
      await checkStillFit(this.#db);
      await this.#db.query(
        `INSERT INTO vambe_identity.write_proof (id, at) VALUES (1, ${NOW})
         ON CONFLICT (id) DO UPDATE SET at = excluded.at`,
      );
    } catch (error) {
      if (error instanceof UnfitDatabase) throw new NotWritable(error.message, error);
      const { code } = Object(error);
      throw new NotWritable(REASONS[String(code)] ?? "the database cannot be written", error);
    }
  }
}
