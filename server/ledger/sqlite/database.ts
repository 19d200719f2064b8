import { DatabaseSync } from "node:sqlite";
import { keepToOwner } from "./file-modes.ts";
import { migrate } from "./schema.ts";

/** How long a call waits for another process that is writing, in milliseconds. */
export const PATIENCE_MS = 5000;
const SQLITE_BUSY = 5;

/**
 * Opens the file, makes it where there is none, and brings it up to date. Every commit is on the disk before it
 * returns (`synchronous=FULL`), and what is erased is overwritten (`secure_delete`).
 * @param warn is told of files that others can read
 */
export function openDatabase(path: string, warn: (text: string) => void): DatabaseSync {
  if (path !== ":memory:") keepToOwner(path, warn);
  const db = new DatabaseSync(path);
  try {
    // Not the constructor's `timeout`, which Node 22.13 passes over.
    db.exec(`PRAGMA busy_timeout = ${PATIENCE_MS}`);
    patiently(() => db.exec("PRAGMA journal_mode = WAL"));
    db.exec("PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY");
    migrate(db);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Two processes that make the same file at once: SQLite does not wait by itself while the mode is changed. */
function patiently<T>(change: () => T): T {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return change();
    } catch (error) {
      if (!isBusy(error) || performance.now() > deadline) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10 + Math.random() * 20);
    }
  }
}

/** Whether another process has what this one needs. */
export const isBusy = (error: unknown): boolean =>
  error instanceof Error && "errcode" in error && (Number(error.errcode) & 0xff) === SQLITE_BUSY;
