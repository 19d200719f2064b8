import type { DatabaseSync } from "node:sqlite";
import { setImmediate, setTimeout as sleep } from "node:timers/promises";
import { isBusy, PATIENCE_MS } from "./busy.ts";
import { onSureGround } from "./failed-flush.ts";
import { hasChanged } from "./state-of.ts";

/**
 * Between two tries while another process is writing, in milliseconds; half or one and a half of it. Short enough to come
 * in between two steps of a command that changes many rows, which rests for 15 ms.
 */
const TRY_EVERY_MS = 6;

/** One write that waits for its turn. */
interface Waiting {
  /** Ends the wait. @throws where another process is still writing */
  attempt: () => void;
  fail: (error: unknown) => void;
  until: number;
}

const queues = new WeakMap<DatabaseSync, Waiting[]>();
/** Those of which the last write that has ended had waited in vain. */
const lockedOut = new WeakSet<DatabaseSync>();

/** Whether the last write that has ended had to give up, since another process was writing all the while. */
export const isLockedOut = (db: DatabaseSync): boolean => lockedOut.has(db);

/** A write has gone through. */
export const letIn = (db: DatabaseSync): void => void lockedOut.delete(db);

/**
 * A write, at once where nobody else is writing. Where another process is, it waits, and the event loop does not: SQLite's
 * own wait would stop everything, with those who only read. Writes go first come, first served.
 * @param attempt a transaction, or one statement
 * @throws SQLite's own error, where another process has been writing for `PATIENCE_MS`
 */
export async function patiently<T>(db: DatabaseSync, attempt: () => T): Promise<T> {
  const queue = queues.get(db) ?? [];
  queues.set(db, queue);
  if (queue.length === 0) {
    try {
      return written(db, attempt);
    } catch (error) {
      if (!isBusy(error)) throw error;
    }
  }
  return new Promise((resolve, reject) => {
    queue.push({
      attempt: () => resolve(written(db, attempt)),
      fail: reject,
      until: performance.now() + PATIENCE_MS,
    });
    if (queue.length === 1) void serve(db, queue);
  });
}

function written<T>(db: DatabaseSync, write: () => T): T {
  try {
    return onSureGround(db, write);
  } finally {
    hasChanged(db);
  }
}

/** Resolves when all writes that wait by now have ended. */
export async function writesEnded(db: DatabaseSync): Promise<void> {
  await patiently(db, () => {});
}

/** A write leaves the queue only when others have had a turn: who comes meanwhile goes behind those who are there. */
async function serve(db: DatabaseSync, queue: Waiting[]): Promise<void> {
  for (let first = queue[0]; first; first = queue[0]) {
    try {
      first.attempt();
      letIn(db);
      await setImmediate();
    } catch (error) {
      if (isBusy(error) && performance.now() < first.until) {
        await sleep(TRY_EVERY_MS * (0.5 + Math.random()));
        continue;
      }
      if (isBusy(error)) lockedOut.add(db);
      first.fail(error);
    }
    queue.shift();
  }
}
