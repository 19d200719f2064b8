/** How long a check may take, and what several share before them, in milliseconds. The two together are the longest way. */
export const LIMIT_MS = 3000;

/** What heeds the signal has so long to say what the matter was, in milliseconds. */
const LAST_WORDS_MS = 200;

/** It cannot be told; the message says why. */
export class NotTold extends Error {}

export class TooLong extends Error {}

/** @throws {TooLong} where it goes on when the signal has come; what was begun is left to itself */
export function within<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = () => setTimeout(() => reject(new TooLong()), LAST_WORDS_MS);
    signal.addEventListener("abort", end, { once: true });
    work().then(resolve, reject);
  });
}

/** Done once, for all who ask, within the limit. */
export function shared<T>(work: (signal: AbortSignal) => Promise<T>): () => Promise<T> {
  let done: Promise<T> | undefined;
  return () => {
    if (!done) {
      const signal = AbortSignal.timeout(LIMIT_MS);
      done = within(signal, () => work(signal));
      done.catch(() => {});
    }
    return done;
  };
}
