import type { Identity } from "../types.ts";

/** How long to wait for the tab whose turn it is: it may hang, or be slower than this one would be. */
const PATIENCE = 3000;

/** How long the tab that asked still answers those that open a little later. */
const LINGER = 5000;

/**
 * One exchange for all tabs that make the same claim at once: the first to get the lock asks, and the others take
 * its answer from a channel that only pages of this origin can hear, and only those that know the claim. The names
 * of locks can be listed, so the lock's has but a checksum of it.
 * Where the browser has no such lock or channel, or blocks them, each tab asks for itself.
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
    // Neither a log-out nor the back/forward cache waits for the other tabs.
    signal.addEventListener("abort", leave);
    addEventListener("pagehide", leave, { signal });
    // An empty message asks whoever has the answer already.
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
