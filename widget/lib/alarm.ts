import { onWake } from "./wake.ts";

/** Timers stop while a laptop sleeps and overflow after 24 days, so the time is read again at least this often. */
const LONGEST = 600_000;

/**
 * An alarm that rings once at the time that was set last, in milliseconds since the epoch. If the page is asleep or
 * offline then, it rings as soon as it is not. Without a time it stays silent.
 */
export function createAlarm(ring: () => void): (at?: number) => void {
  let due: number | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const check = () => {
    clearTimeout(timer);
    // Without a time it is NaN, and every comparison with NaN is false.
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
