const KEY = "vambe-identity-reloads";
const MOST = 3;
const WITHIN = 30_000;

/**
 * Whether the page may be loaded anew. After something that the visitor has done in it, always: the chat must not stay
 * with the person before. By itself at most three times in half a minute, so that a page that changes its user on each
 * load, or two tabs that log each other out, cannot make it a loop.
 */
export function mayReload(): boolean {
  if (navigator.userActivation?.hasBeenActive) return true;
  const now = Date.now();
  try {
    const times: number[] = JSON.parse(sessionStorage.getItem(KEY) ?? "[]");
    const recent = times.filter((time) => Math.abs(now - time) < WITHIN);
    if (recent.length >= MOST) return false;
    sessionStorage.setItem(KEY, JSON.stringify([...recent, now]));
    return true;
  } catch {
    // Without storage the page's own age is all there is to go by.
    return performance.now() > WITHIN;
  }
}
