/** The machine's two clocks, and everybody's timers. */
export class Clock {
  /** What `performance.now` counts: stands still while the machine sleeps, and cannot be set. */
  ran = 0;
  /** What `Date.now` says. */
  wall = 1_800_000_000_000;
  readonly #timers = new Map<number, { due: number; run: () => void; owner: object }>();
  #next = 1;

  set(owner: object, run: () => void, ms = 0): number {
    this.#timers.set(this.#next, { due: this.ran + ms, run, owner });
    return this.#next++;
  }

  clear(id: number): void {
    this.#timers.delete(id);
  }

  drop(owner: object): void {
    for (const [id, timer] of this.#timers) if (timer.owner === owner) this.#timers.delete(id);
  }

  /** Lets time pass, and rings what is due on the way, in its order. */
  async pass(ms: number, afterEach: () => Promise<void>): Promise<void> {
    const end = this.ran + ms;
    for (;;) {
      const [next] = [...this.#timers].sort(([, one], [, other]) => one.due - other.due);
      if (!next || next[1].due > end) break;
      const [id, { due, run }] = next;
      this.#timers.delete(id);
      this.#go(Math.max(0, due - this.ran));
      run();
      await afterEach();
    }
    this.#go(Math.max(0, end - this.ran));
  }

  #go(ms: number) {
    this.ran += ms;
    this.wall += ms;
  }
}
