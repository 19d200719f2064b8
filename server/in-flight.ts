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

  /** Resolves when all that is in flight now has ended, well or not, and after `withinMs` at the latest. */
  async ended(withinMs: number): Promise<void> {
    const waiting = new AbortController();
    const tooLong = sleep(withinMs, undefined, { signal: waiting.signal }).catch(() => {});
    await Promise.race([Promise.allSettled(this.#works), tooLong]);
    waiting.abort();
  }
}
