import type { Identity } from "../types.ts";

/** How long to wait for the tab whose turn it is. It may hang, or be slower than this tab. */
const PATIENCE = 3000;

/** How long the tab that asked still answers tabs that open a little later. */
const LINGER = 5000;

/**
 * Makes one exchange for all tabs that make the same call at once. The first tab to get the lock asks. The others
 * take its answer from a channel: only pages of this origin that know the key can hear it. A page can list the names
 * of locks, so the lock's name has only a checksum of the key.
 * If the browser has no lock or channel, or blocks them, each tab asks for itself.
 * @param key who is asked, and everything that the page said: the same for tabs that make the same call
 */
export async function amongTabs(
  key: string,
  signal: AbortSignal,
  ask: () => Promise<Identity>,
): Promise<Identity> {
  let heard: Identity | undefined;
  let answer: Identity | undefined;
  let tell = () => {};
  let leave = tell;
  try {
    const channel = new BroadcastChannel(key);
    const left = new Promise<void>((free) => {
      leave = () => {
        channel.close();
        tell = free;
        free();
      };
    });
    // A log-out and the back/forward cache do not wait for the other tabs.
    signal.addEventListener("abort", leave);
    addEventListener("pagehide", leave, { signal });
    // An empty message asks the tab that already has the answer.
    tell = () => channel.postMessage(answer);
    let checksum = 0;
    for (const letter of key) checksum = (checksum * 31 + letter.charCodeAt(0)) | 0;
    heard = await new Promise<Identity | undefined>((resolve, reject) => {
      const turn = () => {
        resolve(undefined);
        return left;
      };
      channel.onmessage = ({ data }) => (data ? resolve(data) : answer && tell());
      tell();
      setTimeout(resolve, PATIENCE);
      navigator.locks.request(`vambe-identity ${checksum}`, turn).catch(reject);
    });
  } catch {}
  try {
    signal.throwIfAborted();
    if (heard) return heard;
    answer = await ask();
    return answer;
  } finally {
    tell();
    setTimeout(leave, answer && LINGER);
  }
}
