import { statSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { NotWritable, type WriteProof } from "../contract/write-proof.ts";
import { codeOf, isBusy } from "./busy.ts";
import { onSureGround } from "./failed-flush.ts";
import { isLockedOut, letIn } from "./patiently.ts";
import { transactionAtOnce } from "./transaction.ts";

/** By SQLite's primary result code. */
const REASONS: Record<number, string> = {
  5: "another process has had the database locked",
  8: "the database can only be read",
  10: "the disk fails, or is full",
  11: "the database file is damaged",
  13: "the disk is full",
};

export class SqliteWriteProof implements WriteProof {
  readonly #db: DatabaseSync;
  readonly #path: string;
  readonly #file: string | undefined;

  /** @param path of the file that has just been opened, or `:memory:` */
  constructor(db: DatabaseSync, path: string) {
    this.#db = db;
    this.#path = path;
    this.#file = this.#identity();
  }

  /** What is written to a file that somebody has deleted is gone when the process ends. */
  #identity(): string | undefined {
    if (this.#path === ":memory:") return undefined;
    const found = statSync(this.#path, { throwIfNoEntry: false });
    return found && `${found.dev} ${found.ino}`;
  }

  async proveWrite(now: number): Promise<void> {
    if (this.#identity() !== this.#file) {
      throw new NotWritable("the database file is gone, or another one is in its place");
    }
    try {
      const write = () =>
        this.#db
          .prepare("INSERT INTO write_proof (id, at) VALUES (1, :now) ON CONFLICT DO UPDATE SET at = :now")
          .run({ now });
      onSureGround(this.#db, () => transactionAtOnce(this.#db, write));
      letIn(this.#db);
    } catch (error) {
      // Whoever has it locked at this moment is writing: that it can be written needs no other proof, for a while.
      if (isBusy(error) && !isLockedOut(this.#db)) return;
      throw new NotWritable(REASONS[codeOf(error) ?? 0] ?? "the database cannot be written", error);
    }
  }
}
