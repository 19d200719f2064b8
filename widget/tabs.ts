import type { Identity } from "./types.ts";

/** How long to wait for the tab whose turn it is: it may hang, or be slower than this one would be. */
const PATIENCE = 3000;

/** How long the tab that asked still answers those that open a little later. */
const LINGER = 5000;

/**
 * One exchange for all tabs that make the same claim at once: the first to get the lock asks, and the others take
 * its answer from a channel that only pages of this origin can hear. Lock and channel are called by a digest of
 * the claim, so a message needs nothing but the identity, and nobody can read a proof out of either.
 * Where the browser has no such lock or channel, or blocks them, each tab asks for itself.
 */
export async function amongTabs(
  claim: string,
  signal: AbortSignal,
  ask: () => Promise<Identity>,
): Promise<Identity> {
  let answer: Identity | undefined;
  let tell = () => {};
  let leave: (() => void) | undefined;
  try {
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(claim));
    const name = `vambe-identity ${new Uint8Array(digest)}`;
    const channel = new BroadcastChannel(name);
    let free = () => {};
    const left = new Promise<void>((resolve) => {
      free = resolve;
    });
    leave = () => {
      channel.close();
      tell = free;
      free();
    };
    // Neither a log-out nor the back/forward cache waits for the other tabs.
    signal.addEventListener("abort", leave);
    addEventListener("pagehide", leave, { signal });
    tell = () => channel.postMessage(answer);
    const heard = await new Promise<Identity | undefined>((resolve) => {
      // An empty message asks whoever has the answer already.
      channel.onmessage = ({ data }) => (data ? resolve(data) : answer && tell());
      tell();
      const go = () => resolve(undefined);
      setTimeout(go, PATIENCE);
      const turn = () => {
        go();
        return left;
      };
      navigator.locks.request(name, turn).catch(go);
    });
    if (heard) {
      leave();
      return heard;
    }
  } catch {}
  try {
    signal.throwIfAborted();
    answer = await ask();
    tell();
    return answer;
  } finally {
    if (leave) setTimeout(leave, answer && LINGER);
  }
}
