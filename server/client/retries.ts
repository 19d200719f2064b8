import { setTimeout as sleep } from "node:timers/promises";

/** So often a call is made at the most. */
const TRIES = 5;
/** Before the second try, in milliseconds, at the most; twice as long before each further. A restart of an exchange fits in. */
const FIRST_PAUSE_MS = 1000;

/** What became of one try. */
export type Tried<T> =
  | { done: T }
  /** `again`: whether the same call may succeed later. `afterMs`: as the other side asks for it. */
  | { error: Error; again: boolean; afterMs?: number | undefined };

/**
 * Tries until it is done, with growing pauses.
 * @throws the error of the last try, or `signal.reason`
 */
export async function untilDone<T>(attempt: () => Promise<Tried<T>>, signal?: AbortSignal): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    signal?.throwIfAborted();
    const tried = await attempt();
    if ("done" in tried) return tried.done;
    signal?.throwIfAborted();
    if (!tried.again || tries === TRIES) throw tried.error;
    const longest = FIRST_PAUSE_MS * 2 ** (tries - 1);
    const wait = longest * (0.5 + Math.random() / 2);
    await pause(Math.max(wait, tried.afterMs ?? 0), signal);
  }
}

/** @throws `signal.reason` */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await sleep(ms, undefined, signal && { signal }).catch((error: unknown) => {
    signal?.throwIfAborted();
    throw error;
  });
}
