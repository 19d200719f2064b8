/** Timers stop while a laptop sleeps and overflow after 24 days, so the time is read again at least this often. */
const LONGEST = 600_000;

/** How much later it may ring where the browser says that it is offline. */
const OFFLINE = 60_000;

/** Angular waits for the timers that it knows of, and takes the page for unfinished. This is the browser's own. */
const later = () =>
  (window as { __zone_symbol__setTimeout?: typeof setTimeout }).__zone_symbol__setTimeout ?? setTimeout;

/**
 * An alarm that rings once, so many milliseconds after it was set last. If the page is asleep then, it rings as soon as it
 * is not. Without a number it stays silent.
 * @param now a clock that never goes back
 */
export function createAlarm(ring: () => void, now: () => number): (ms?: number) => void {
  let due: number;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const check = () => {
    clearTimeout(timer);
    // Without a time it is NaN, and every comparison with NaN is false.
    const left = due - now();
    if (left > 0) timer = later()(check, Math.min(left, LONGEST));
    // The browser may be wrong about it, so it is not waited for any longer.
    else if (!navigator.onLine && left > -OFFLINE) timer = later()(check, OFFLINE + left);
    else if (left <= 0) {
      due = Number.NaN;
      ring();
    }
  };

  for (const type of ["visibilitychange", "pageshow", "online"]) addEventListener(type, check);
  return (ms) => {
    due = now() + (ms as number);
    check();
  };
}
