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

  /** Resolves when all that is in flight now has ended, well or not. */
  async ended(): Promise<void> {
    await Promise.allSettled(this.#works);
  }
}
