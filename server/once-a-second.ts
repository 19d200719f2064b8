/** How long a look serves, in milliseconds. */
const KEPT_MS = 1000;

/** One look for all who ask while it goes on and for a second from its beginning: anybody may ask, as often as they like. */
export function onceASecond<T>(look: () => Promise<T>): () => Promise<T> {
  let found: Promise<T> | undefined;
  let began = 0;
  let ended = true;
  return () => {
    if (!found || (ended && performance.now() - began >= KEPT_MS)) {
      began = performance.now();
      ended = false;
      found = look().finally(() => {
        ended = true;
      });
    }
    return found;
  };
}
