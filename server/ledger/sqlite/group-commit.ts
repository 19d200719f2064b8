import type { DatabaseSync } from "node:sqlite";
import { type End, Together } from "../together.ts";
import { transaction } from "./transaction.ts";

/**
 * Writes that come in one turn of the event loop are one transaction, and wait for the disk once. Each is told of its own
 * end: one that fails takes nothing of the others along, and where the commit fails, nobody is told that it was written.
 */
export class GroupCommit {
  readonly #together: Together<() => unknown, unknown>;

  constructor(db: DatabaseSync) {
    this.#together = new Together((group) =>
      transaction(db, () =>
        group.length === 1 ? group.map(alone) : group.map((work) => inSavepoint(db, work)),
      ),
    );
  }

  /** @param work synchronous; it may be undone by itself */
  write<T>(work: () => T): Promise<T> {
    return this.#together.ask(work) as Promise<T>;
  }

  /** Resolves when all that has come by now has ended. */
  ended(): Promise<void> {
    return this.#together.ended();
  }
}

const alone = (work: () => unknown): End<unknown> => ({ answer: work() });

function inSavepoint(db: DatabaseSync, work: () => unknown): End<unknown> {
  db.exec("SAVEPOINT one");
  try {
    const answer = work();
    db.exec("RELEASE one");
    return { answer };
  } catch (error) {
    // Where SQLite has rolled all of it back, as on a full disk, this throws, and nothing of the group is written.
    db.exec("ROLLBACK TO one; RELEASE one");
    return { error };
  }
}
