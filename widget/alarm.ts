/** Timers rest while a laptop sleeps and overflow after 24 days, so time is read again at least this often. */
const LONGEST = 600_000;

/** Set to `never`, an alarm stays silent: no comparison with NaN holds. */
export const never = Number.NaN;

/**
 * An alarm that rings once at the time set last (milliseconds since the epoch, or `never`), or as soon after it
 * as the page is awake and online, and, where only `seen` counts, visible.
 */
export function createAlarm(ring: () => void, seen?: boolean): (at: number) => void {
  let due = never;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const check = () => {
    clearTimeout(timer);
    const left = due - Date.now();
    if (left > 0) timer = setTimeout(check, Math.min(left, LONGEST));
    if (left <= 0 && navigator.onLine && !(seen && document.hidden)) {
      due = never;
      ring();
    }
  };

  for (const wake of ["visibilitychange", "online", "pageshow"]) addEventListener(wake, check);
  return (at) => {
    due = at;
    check();
  };
}
