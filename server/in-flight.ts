import { setTimeout as sleep } from "node:timers/promises";

/** What has begun and not ended yet, so that somebody can wait for it. */
export class InFlight {
  readonly #works = new Set<Promise<unknown>>();

  /** Returns `work` itself. */
  until<T>(work: Promise<T>): Promise<T> {
    const done = () => void this.#works.delete(work);
    this.#works.add(work);
    work.then(done, done);
    return work;
  }

  get size(): number {
    return this.#works.size;
  }

  /** Resolves when nothing is in flight any more, what begins meanwhile among it, and after `withinMs` at the latest. */
  async ended(withinMs: number): Promise<void> {
    const waiting = new AbortController();
    let isLate = false;
    const tooLong = sleep(withinMs, undefined, { signal: waiting.signal }).then(
      () => {
        isLate = true;
      },
      () => {},
    );
    while (this.#works.size > 0 && !isLate) await Promise.race([Promise.allSettled(this.#works), tooLong]);
    waiting.abort();
  }
}
