/** Calls `listener` whenever the page may have missed something: a change in another tab, or the time. */
export function onWake(listener: () => void): void {
  for (const type of ["visibilitychange", "pageshow", "storage", "online"]) addEventListener(type, listener);
}
