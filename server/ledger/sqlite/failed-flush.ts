import type { DatabaseSync } from "node:sqlite";
import { codeOf, SQLITE_BUSY } from "./busy.ts";

const SQLITE_IOERR = 10;

/** Databases whose disk has failed a write or a flush since. */
const unsure = new WeakSet<DatabaseSync>();

/**
 * A write, before which all is brought in order that a failed flush has left. What the system could not bring to the disk it may
 * take for written from then on, and the next flush says nothing of it: then the write-ahead log has a gap, and what is committed
 * behind that would be gone with the power. So all of the log is written once more, into the database file, and begins anew.
 * @throws what SQLite says, where the disk still fails; as busy, where somebody else is reading an older state
 */
export function onSureGround<T>(db: DatabaseSync, write: () => T): T {
  try {
    if (unsure.has(db)) {
      beginLogAnew(db);
      unsure.delete(db);
    }
    return write();
  } catch (error) {
    if (codeOf(error) === SQLITE_IOERR) unsure.add(db);
    throw error;
  }
}

function beginLogAnew(db: DatabaseSync): void {
  if (db.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get()?.busy === 0) return;
  throw Object.assign(new Error("database is locked"), { errcode: SQLITE_BUSY });
}
