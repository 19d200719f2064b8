const KEY = "vambe-identity";

/** A change of user so soon after the statement before may be an echo of it. In milliseconds. */
const SOON = 30_000;

/**
 * What a tab has said last: who is signed in, or `null` for a log-out. It outlives a page load, and the tabs tell it to
 * each other. It is never a name, an email address, a plan or a proof.
 */
type Statement = [
  id: string | null,
  /** When the page said so, in milliseconds since the epoch; but always later than the statement before. */
  at: number,
  /** How many times in a row the user has changed, each time soon after the statement before. */
  turns: number,
];

/** If the browser blocks storage, only this page remembers it. */
let known: Statement = [null, 0, 0];

/**
 * That nothing is stored says nothing: a site may clear its storage, and a browser may take it away.
 * @param event of the storage. It also tells of what is no longer there: many sites clear it all after a log-out
 */
export function lastStatement({ key, newValue }: Partial<StorageEvent> = {}): Statement {
  try {
    const [id, at, turns] = JSON.parse(key === KEY && newValue ? newValue : localStorage[KEY]);
    // Any script of the site may have written there.
    if (at + turns > 0) known = [id, at, turns];
  } catch {}
  return known;
}

/** The time of a statement that is made now. */
export const nextTime = (): number => Math.max(Date.now(), lastStatement()[1] + 1);

export function state(id: string | null, at: number): void {
  const [before, then, turns] = lastStatement();
  known = [id, at, at - then > SOON ? 0 : before && before !== id ? turns + 1 : turns];
  try {
    localStorage[KEY] = JSON.stringify(known);
  } catch {}
}

export function erase(): void {
  try {
    delete localStorage[KEY];
  } catch {}
}
