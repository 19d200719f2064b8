const FIRST = 250;
const LEAST = 20;
const MOST = 5000;

/** How many rows one step of long work takes on: as many as this machine does in the time that others can wait. */
export class StepSize {
  rows = FIRST;
  readonly #wishedMs: number;

  /** @param wishedMs how long a step should take */
  constructor(wishedMs: number) {
    this.#wishedMs = wishedMs;
  }

  /** Whether it cannot be smaller. */
  get isLeast(): boolean {
    return this.rows <= LEAST;
  }

  /** @param tookMs what the last step has taken */
  learn(tookMs: number): void {
    const change = Math.min(1.5, Math.max(0.25, this.#wishedMs / Math.max(tookMs, 0.1)));
    this.rows = Math.round(Math.min(MOST, Math.max(LEAST, this.rows * change)));
  }
}
