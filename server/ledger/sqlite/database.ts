import { existsSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { codeOf, isBusy, PATIENCE_MS } from "./busy.ts";
import { keepToOwner } from "./file-modes.ts";
import { nodeSqlite } from "./node-sqlite.ts";
import { migrate } from "./schema.ts";
import { unusable } from "./unusable.ts";

/** What SQLite says where it may not write, or not make the files that it wants beside the database. */
const SQLITE_READONLY = 8;
const SQLITE_CANTOPEN = 14;

/**
 * Opens the file, makes it where there is none, and brings it up to date. Every commit is on the disk before it
 * returns (`synchronous=FULL`), and what is erased is overwritten (`secure_delete`).
 * @param warn is told of files that others can read
 * @param isCommand for who only looks in, perhaps on a disk that cannot be written, such as a mounted backup
 */
export function openDatabase(
  path: string,
  warn: (text: string) => void,
  { isCommand = false } = {},
): DatabaseSync {
  const { DatabaseSync } = nodeSqlite();
  if (path !== ":memory:") keepToOwner(path, warn);
  try {
    return prepare(new DatabaseSync(path), !isCommand);
  } catch (error) {
    const code = codeOf(error);
    if (code !== SQLITE_READONLY && code !== SQLITE_CANTOPEN) throw error;
    if (!isCommand || !isStill(path)) throw unusable(path, error);
    return prepare(new DatabaseSync(`${pathToFileURL(path)}?immutable=1`, { readOnly: true }), false);
  }
}

function prepare(db: DatabaseSync, mayMigrate: boolean): DatabaseSync {
  try {
    // Not the constructor's `timeout`, which Node 22.13 passes over.
    db.exec(`PRAGMA busy_timeout = ${PATIENCE_MS}`);
    untilQuiet(() => db.exec("PRAGMA journal_mode = WAL"));
    db.exec("PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY");
    migrate(db, mayMigrate);
    // From here on `patiently.ts` waits, which stops nobody else.
    db.exec("PRAGMA busy_timeout = 0");
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/**
 * Whether nobody has it open: an exchange that runs has a write-ahead log. SQLite, which wants to put files beside the
 * database even for a look, may be told to do without them only then.
 */
const isStill = (path: string): boolean => existsSync(path) && !existsSync(`${path}-wal`);

/** Two processes that make the same file at once: SQLite does not wait by itself while the mode is changed. */
function untilQuiet<T>(change: () => T): T {
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
