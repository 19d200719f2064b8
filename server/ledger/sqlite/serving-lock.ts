import { closeSync, existsSync, openSync, readSync, rmSync, statSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import type { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { isBusy } from "./busy.ts";
import { nodeSqlite } from "./node-sqlite.ts";

/** Where an SQLite database has its `user_version` and its `application_id`: four bytes each, the highest first. */
const USER_VERSION_AT = 60;
const APPLICATION_ID_AT = 68;
/** The second says whether the process gives the lock up when it is asked to. */
const YIELDS = 1;
/** How long who asks waits, and between two times, in milliseconds: calls to Vambe that are under way end first. */
const ASK_FOR_MS = 20_000;
const ASK_EVERY_MS = 100;
/** So long whoever wants the lock waits, in milliseconds, for those that only look whether somebody has it (`servedBy`). */
const LOOKED_MS = 100;
/** A question that is older than this, in milliseconds, nobody asks any more. */
const ASKED_MS = 5000;

/** In this process: path → how many have it. Its own lock keeps nobody in it out, and its file must not be read here. */
const held = new Map<string, { count: number; lock: DatabaseSync }>();

/** Another process delivers from this database already. */
export class AlreadyServed extends Error {
  /** Whether it gives that up when it is asked to. */
  readonly yields: boolean;

  constructor(message: string, { yields }: { yields: boolean }) {
    super(message);
    this.yields = yields;
  }
}

/**
 * Only one process may deliver from an SQLite file: two would give out each other's rows again. The lock is the operating
 * system's own, held by way of a small SQLite file beside the database, so it ends with the process, however that ends.
 * Exchanges of one process share it.
 * @param yields whether this process looks at `isWanted`, and lets it go then
 * @returns how to let it go
 * @throws {AlreadyServed} with the id of the process that has it
 */
export function lockForServing(path: string, { yields = false } = {}): () => void {
  const file = `${path}-serving`;
  const own = held.get(file) ?? { count: 0, lock: lock(file, yields) };
  held.set(file, own);
  own.count += 1;
  return () => {
    own.count -= 1;
    if (own.count > 0) return;
    held.delete(file);
    own.lock.close();
  };
}

/** The same, from a process that yields too: it is asked to. @throws {AlreadyServed} */
export async function lockOrAsk(path: string): Promise<() => void> {
  const until = performance.now() + ASK_FOR_MS;
  let hasAsked = false;
  try {
    for (;;) {
      try {
        return lockForServing(path);
      } catch (error) {
        if (!(error instanceof AlreadyServed && error.yields) || performance.now() > until) throw error;
        writeFileSync(questionAt(path), "", { mode: 0o600 });
        hasAsked = true;
        await sleep(ASK_EVERY_MS);
      }
    }
  } finally {
    if (hasAsked) rmSync(questionAt(path), { force: true });
  }
}

/** Whether another process asks for the lock. */
export function isWanted(path: string): boolean {
  const asked = statSync(questionAt(path), { throwIfNoEntry: false });
  return asked !== undefined && Math.abs(Date.now() - asked.mtimeMs) < ASKED_MS;
}

const questionAt = (path: string): string => `${path}-serving-wanted`;

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
    return holderOf(file).process;
  } finally {
    db.close();
  }
}

function lock(file: string, yields: boolean): DatabaseSync {
  closeSync(openSync(file, "a", 0o600));
  const db = new (nodeSqlite().DatabaseSync)(file);
  try {
    // What is written is for who comes second; in this mode the lock stays after the commit.
    db.exec(
      `PRAGMA busy_timeout = ${LOOKED_MS}; PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY; PRAGMA user_version = ${process.pid}; PRAGMA application_id = ${yields ? YIELDS : 0}`,
    );
    return db;
  } catch (error) {
    db.close();
    if (!isBusy(error)) throw error;
    const holder = holderOf(file);
    throw new AlreadyServed(
      `another ${holder.yields ? "import" : "exchange"} (process ${holder.process} on ${hostname()}, or in a container there) delivers from this database: stop it, or give this one a database of its own in VAMBE_DATABASE_URL. Several at once need PostgreSQL`,
      holder,
    );
  }
}

function holderOf(file: string): { process: number; yields: boolean } {
  const bytes = Buffer.alloc(APPLICATION_ID_AT + 4);
  const handle = openSync(file, "r");
  try {
    readSync(handle, bytes, 0, bytes.length, 0);
  } finally {
    closeSync(handle);
  }
  return {
    process: bytes.readUInt32BE(USER_VERSION_AT),
    yields: bytes.readUInt32BE(APPLICATION_ID_AT) === YIELDS,
  };
}
