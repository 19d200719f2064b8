import { closeSync, existsSync, openSync, readSync } from "node:fs";
import { hostname } from "node:os";
import type { DatabaseSync } from "node:sqlite";
import { isBusy } from "./busy.ts";
import { nodeSqlite } from "./node-sqlite.ts";

/** Where an SQLite database has its `user_version`: four bytes, the highest first. */
const USER_VERSION_AT = 60;

/** In this process: path → how many have it. Its own lock keeps nobody in it out, and its file must not be read here. */
const held = new Map<string, { count: number; lock: DatabaseSync }>();

/** Another process delivers from this database already. */
export class AlreadyServed extends Error {}

/**
 * Only one process may deliver from an SQLite file: two would give out each other's rows again. The lock is the operating
 * system's own, held by way of a small SQLite file beside the database, so it ends with the process, however that ends.
 * Exchanges of one process share it.
 * @returns how to let it go
 * @throws {AlreadyServed} with the id of the process that has it
 */
export function lockForServing(path: string): () => void {
  const file = `${path}-serving`;
  const own = held.get(file) ?? { count: 0, lock: lock(file) };
  held.set(file, own);
  own.count += 1;
  return () => {
    own.count -= 1;
    if (own.count > 0) return;
    held.delete(file);
    own.lock.close();
  };
}

/**
 * The process that delivers from this database at the moment, if one does. Others are not kept out meanwhile, but for the
 * moment of one read.
 */
export function servedBy(path: string): number | undefined {
  const file = `${path}-serving`;
  if (!existsSync(file)) return undefined;
  const db = new (nodeSqlite().DatabaseSync)(file, { readOnly: true });
  try {
    db.prepare("SELECT count(*) FROM sqlite_schema").get();
    return undefined;
  } catch (error) {
    if (!isBusy(error)) throw error;
    return holderOf(file);
  } finally {
    db.close();
  }
}

function lock(file: string): DatabaseSync {
  closeSync(openSync(file, "a", 0o600));
  const db = new (nodeSqlite().DatabaseSync)(file);
  try {
    // What is written is for who comes second; in this mode the lock stays after the commit.
    db.exec(
      `PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY; PRAGMA user_version = ${process.pid}`,
    );
    return db;
  } catch (error) {
    db.close();
    if (!isBusy(error)) throw error;
    throw new AlreadyServed(
      `another exchange (process ${holderOf(file)} on ${hostname()}, or in a container there) delivers from this database: stop it, or give this one a database of its own in VAMBE_DATABASE_URL. Several at once need PostgreSQL`,
    );
  }
}

function holderOf(file: string): number {
  const bytes = Buffer.alloc(4);
  const handle = openSync(file, "r");
  try {
    readSync(handle, bytes, 0, 4, USER_VERSION_AT);
  } finally {
    closeSync(handle);
  }
  return bytes.readUInt32BE();
}
