import type { DatabaseSync } from "node:sqlite";
import { setTimeout } from "node:timers/promises";
import { NotPurged } from "../contract/purge.ts";
import { isBusy, PATIENCE_MS } from "./busy.ts";

/** How long one try waits for others: while it does, the exchange cannot write. Then a pause. Milliseconds. */
const TRY_MS = 100;
const PAUSE_MS = 150;

const GONE = "The database's files are written anew: nothing that was deleted or replaced is in them.";
const STILL_THERE =
  "it is out of the database, but its bytes are still in the database's files: something has been reading the database all the while, such as a backup, a replication or an open shell. End that, and run this command again";

/**
 * Leaves nothing in the files but what the database holds. SQLite overwrites what is deleted, but not the copies that it
 * made when it moved cells between pages, nor the write-ahead log: so the file is written anew (VACUUM), and the log
 * is emptied. Both wait for whoever writes or reads, and the log can be emptied only while nobody reads an older state.
 * @throws {NotPurged} where somebody does so for longer than five seconds
 */
export async function purge(db: DatabaseSync): Promise<string> {
  const deadline = performance.now() + PATIENCE_MS;
  db.exec(`PRAGMA busy_timeout = ${TRY_MS}`);
  try {
    let isRewritten = false;
    for (;;) {
      isRewritten ||= rewrite(db);
      if (isRewritten && emptyLog(db)) return GONE;
      if (performance.now() > deadline) throw new NotPurged(STILL_THERE);
      await setTimeout(PAUSE_MS);
    }
  } finally {
    db.exec("PRAGMA busy_timeout = 0");
  }
}

function rewrite(db: DatabaseSync): boolean {
  try {
    db.exec("VACUUM");
    return true;
  } catch (error) {
    if (isBusy(error)) return false;
    throw error;
  }
}

/** Waits for whoever reads an older state, and only this call does. @returns whether the log is empty */
export async function emptyLogPatiently(db: DatabaseSync): Promise<boolean> {
  const deadline = performance.now() + PATIENCE_MS;
  for (let isEmpty = emptyLog(db); ; isEmpty = emptyLog(db)) {
    if (isEmpty || performance.now() > deadline) return isEmpty;
    await setTimeout(PAUSE_MS);
  }
}

/** @returns whether all of the log is in the database and the log is empty */
function emptyLog(db: DatabaseSync): boolean {
  return db.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get()?.busy === 0;
}
