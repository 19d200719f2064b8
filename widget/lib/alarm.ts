import { onWake } from "./wake.ts";

/** Timers rest while a laptop sleeps and overflow after 24 days, so time is read again at least this often. */
const LONGEST = 600_000;

/**
 * An alarm that rings once at the time set last (milliseconds since the epoch; none, and it stays silent), or as
 * soon after it as the page is awake and online.
 */
export function createAlarm(ring: () => void): (at?: number) => void {
  let due: number | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const check = () => {
    clearTimeout(timer);
    // Without a time it is NaN, with which no comparison holds.
    const left = (due as number) - Date.now();
    if (left > 0) timer = setTimeout(check, Math.min(left, LONGEST));
    if (left <= 0 && navigator.onLine) {
      due = undefined;
      ring();
    }
  };

  onWake(check);
  return (at) => {
    due = at;
    check();
  };
}
