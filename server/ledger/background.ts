/** Yields where more is left to do. */
export type Steps = AsyncGenerator<void, void>;

/**
 * Work on any number of rows, in steps. Who asks for it waits for the first step, which is all of it where the rows are
 * few; the others follow while he goes on. What stops in the middle leaves rows as they were, and no row half done.
 */
export class Background {
  readonly #failed: (name: string, error: unknown) => void;
  readonly #running = new Map<string, Promise<void>>();
  readonly #again = new Map<string, () => Steps>();
  #isClosed = false;

  /** @param failed is told of what has stopped a work that nobody waits for any more */
  constructor(failed: (name: string, error: unknown) => void) {
    this.#failed = failed;
  }

  /** What is asked for while it is being done is done once more, from the start. @throws what stops the first step */
  async start(name: string, work: () => Steps): Promise<void> {
    if (this.#running.has(name)) {
      this.#again.set(name, work);
      return;
    }
    const steps = work();
    const first = steps.next();
    this.#running.set(name, this.#end(name, steps, first));
    await first;
  }

  isUnderWay(name: string): boolean {
    return this.#running.has(name);
  }

  /** Resolves when the steps that are under way have ended. None follows them. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#running.values());
  }

  async #end(name: string, steps: Steps, first: Promise<IteratorResult<void, void>>): Promise<void> {
    let isOver = (await first.catch(() => ({ done: true }))).done;
    try {
      while (!isOver && !this.#isClosed) isOver = (await steps.next()).done;
    } catch (error) {
      this.#failed(name, error);
    }
    this.#running.delete(name);
    const again = this.#again.get(name);
    this.#again.delete(name);
    if (again && !this.#isClosed) await this.start(name, again).catch((error) => this.#failed(name, error));
  }
}
