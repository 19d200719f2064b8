/** What is under way, for whoever has to wait for it. */
export class UnderWay {
  readonly #works = new Set<Promise<unknown>>();

  async until<T>(work: Promise<T>): Promise<T> {
    this.#works.add(work);
    try {
      return await work;
    } finally {
      this.#works.delete(work);
    }
  }

  /** Resolves when all that is under way now has ended, well or not. */
  async ended(): Promise<void> {
    await Promise.allSettled(this.#works);
  }
}
