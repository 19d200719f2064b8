import { onWake } from "./wake.ts";

const KEY = "vambe-identity";

/**
 * The id of who was identified last, in this tab or another: what outlives a page load, and what the tabs tell each
 * other. Never a name, an address, a plan or a proof. Where the browser blocks storage, it is what this page
 * remembered last.
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

/** Calls `listener` when another tab has identified or forgotten somebody, be it while this page was frozen. */
export function onElsewhere(listener: (id: string | null) => void): void {
  onWake(() => {
    const before = known;
    if (recall() !== before) listener(known);
  });
}
