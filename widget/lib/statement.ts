const KEY = "vambe-identity";

/** For how long what a tab states may be the echo of another tab's statement that has made it leave. In milliseconds. */
const SOON = 30_000;

/**
 * What a tab has said last: who is signed in, or `null` for a log-out. It outlives a page load, and the tabs tell it to
 * each other. It is never a name, an email address, a plan or a proof.
 */
type Statement = [
  id: string | null,
  /** When the page said so, in milliseconds since the epoch; but always later than the statement before. */
  at: number,
  /** How many tabs in a row have left their user and said it soon after, so that the next one left its own. */
  turns: number,
];

/** If the browser blocks storage, only this page remembers it. */
let known: Statement = [null, 0, 0];

/** The turns that have made this tab leave its user, and when. Its frames know of it, and the page that comes next. */
let left: [turns: number, at: number] = [0, 0];

/**
 * That nothing is stored says nothing: a site may clear its storage, and a browser may take it away.
 * @param event of the storage. It also tells of what is no longer there: many sites clear it all after a log-out
 */
export function lastStatement({ key, newValue }: Partial<StorageEvent> = {}): Statement {
  try {
    const [id, at, turns] = JSON.parse(key === KEY && newValue ? newValue : localStorage[KEY]);
    // Storage comes from one process to another a moment late, so an older word may have been stored over a newer one.
    if (at < known[1]) {
      if (!newValue) localStorage[KEY] = JSON.stringify(known);
    }
    // Any script of the site may have written there.
    else if (at + turns > 0) known = [id, at, turns];
  } catch {}
  return known;
}

/** The time of a statement that is made now. */
export const nextTime = (): number => Math.max(Date.now(), lastStatement()[1] + 1);

export function state(id: string | null, at: number): void {
  try {
    left = [...(JSON.parse(sessionStorage[KEY]) as typeof left)];
  } catch {}
  known = [id, at, Math.abs(Date.now() - left[1]) < SOON ? left[0] : 0];
  try {
    localStorage[KEY] = JSON.stringify(known);
  } catch {}
}

/** Notes that this tab has left its user for a statement with so many turns. */
export function noteLeft(turns: number): void {
  left = [turns + 1, Date.now()];
  try {
    sessionStorage[KEY] = JSON.stringify(left);
  } catch {}
}

export function erase(): void {
  try {
    delete localStorage[KEY];
    delete sessionStorage[KEY];
  } catch {}
}
