import type { DatabaseSync } from "node:sqlite";
import { transaction } from "./transaction.ts";

/** One write of a group, and whom it is for. */
interface Write {
  /** @returns what its caller is told once all of the group is on the disk */
  attempt(): () => void;
  fail(error: unknown): void;
}

/**
 * Writes that come in one turn of the event loop are one transaction, and wait for the disk once. Each is told of its own
 * end: one that fails takes nothing of the others along, and where the commit fails, nobody is told that it was written.
 */
export class GroupCommit {
  readonly #db: DatabaseSync;
  #waiting: Write[] = [];
  #underWay: Promise<void> = Promise.resolve();

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  /** @param work synchronous; it may be undone by itself */
  write<T>(work: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({
        attempt: () => {
          const result = work();
          return () => resolve(result);
        },
        fail: reject,
      });
      if (this.#waiting.length === 1) this.#afterThisTurn();
    });
  }

  /** Resolves when all that has come by now has ended. */
  async ended(): Promise<void> {
    await this.#underWay;
  }

  #afterThisTurn(): void {
    const before = this.#underWay;
    this.#underWay = new Promise((resolve) =>
      setImmediate(() => void Promise.all([before, this.#commit()]).then(() => resolve())),
    );
  }

  async #commit(): Promise<void> {
    const group = this.#waiting;
    this.#waiting = [];
    try {
      const ends = await transaction(this.#db, () =>
        group.map((write) => this.#attempt(write, group.length === 1)),
      );
      for (const end of ends) end();
    } catch (error) {
      for (const { fail } of group) fail(error);
    }
  }

  /** In a savepoint of its own, but where it is alone. */
  #attempt(write: Write, isAlone: boolean): () => void {
    if (isAlone) return write.attempt();
    this.#db.exec("SAVEPOINT one");
    try {
      const end = write.attempt();
      this.#db.exec("RELEASE one");
      return end;
    } catch (error) {
      // Where SQLite has rolled all of it back, as on a full disk, this throws, and nothing of the group is written.
      this.#db.exec("ROLLBACK TO one; RELEASE one");
      return () => write.fail(error);
    }
  }
}
