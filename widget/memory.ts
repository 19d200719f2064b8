/**
 * What outlives a page load, and what the tabs tell each other: the id alone, never a name, an address, a plan
 * or a proof.
 */
export interface Remembered {
  id: string;
  verified: boolean;
}

const KEY = "vambe-identity";

/** What this page wrote last. It stands in where the browser blocks storage. */
let written: Remembered | null = null;

/** Who was identified last, in this tab or another. */
export function recall(): Remembered | null {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "null");
  } catch {
    return written;
  }
}

/** Replaces the record; `null` leaves nothing behind. */
export function remember(record: Remembered | null): void {
  written = record;
  try {
    if (record) localStorage.setItem(KEY, JSON.stringify(record));
    else localStorage.removeItem(KEY);
  } catch {}
}

/** Calls `listener` when another tab may have changed the record, and when the page comes back from a freeze. */
export function onElsewhere(listener: () => void): void {
  addEventListener("storage", ({ key }) => {
    // `null` is what `localStorage.clear()` reports.
    if (key === KEY || key === null) listener();
  });
  addEventListener("pageshow", ({ persisted }) => {
    if (persisted && written) listener();
  });
}
