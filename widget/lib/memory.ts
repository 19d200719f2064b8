import { onWake } from "./wake.ts";

const KEY = "vambe-identity";

/**
 * The id of the user who was identified last, in this tab or another. It outlives a page load, and the tabs tell it
 * to each other. It is never a name, an email address, a plan or a proof. If the browser blocks storage, only this
 * page remembers it.
 */
let known: string | null = null;

export function recall(): string | null {
  try {
    known = localStorage.getItem(KEY);
  } catch {}
  return known;
}

/** `null` leaves nothing behind. */
export function remember(id: string | null): void {
  known = id;
  try {
    if (id) localStorage.setItem(KEY, id);
    else localStorage.removeItem(KEY);
  } catch {}
}

/** Calls `listener` when another tab has identified or forgotten somebody, even while this page was frozen. */
export function onElsewhere(listener: (id: string | null) => void): void {
  onWake(() => {
    const before = known;
    if (recall() !== before) listener(known);
  });
}
