import type { DatabaseSync } from "node:sqlite";
import { prepared } from "./statements.ts";

/** What is known of a database's state: a number that is another one after each change. */
interface State {
  number: number;
  /** What SQLite says of changes by other connections. */
  others: unknown;
  /** Whether it has been looked at in this turn of the event loop. */
  isLookedAt: boolean;
}

const states = new WeakMap<DatabaseSync, State>();

/**
 * Which state the database is in: what was read in the same one need not be read again. Other processes' changes are looked for
 * once in a turn of the event loop, as if all that is asked for in it had come at its beginning; `hasChanged` tells of our own, all of
 * which go through `patiently.ts`.
 */
export function stateOf(db: DatabaseSync): number {
  const state = states.get(db) ?? { number: 0, others: undefined, isLookedAt: false };
  states.set(db, state);
  if (state.isLookedAt) return state.number;
  const others = prepared(db, "PRAGMA data_version").get()?.data_version;
  if (others !== state.others) state.number += 1;
  Object.assign(state, { others, isLookedAt: true });
  setImmediate(() => {
    state.isLookedAt = false;
  });
  return state.number;
}

/** Something may have been written here. */
export function hasChanged(db: DatabaseSync): void {
  const state = states.get(db);
  if (state) state.number += 1;
}
