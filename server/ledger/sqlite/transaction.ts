import type { DatabaseSync } from "node:sqlite";
import { patiently } from "./patiently.ts";

/** One transaction, once no other process is writing. `work` is synchronous: all of it has one connection in common. */
export const transaction = <T>(db: DatabaseSync, work: () => T): Promise<T> =>
  patiently(db, () => transactionAtOnce(db, work));

/** @throws where another process is writing at this moment */
export function transactionAtOnce<T>(db: DatabaseSync, work: () => T): T {
  db.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    db.exec("COMMIT");
    return result;
  } catch (error) {
    rollBack(db);
    throw error;
  }
}

/** Where the disk is full SQLite has rolled back by itself, and its complaint would hide what was the matter. */
function rollBack(db: DatabaseSync): void {
  try {
    db.exec("ROLLBACK");
  } catch {}
}
