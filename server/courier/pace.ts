/**
 * Spaces calls evenly: at most `perSecond` a second, no bursts. Times are milliseconds of a clock that never
 * jumps.
 */
export class Pace {
  readonly #intervalMs: number;
  #nextAt = 0;

  constructor(perSecond: number) {
    this.#intervalMs = 1000 / perSecond;
  }

  /** How long the next call has to wait from `now`. */
  waitFor(now: number): number {
    return Math.max(0, this.#nextAt - now);
  }

  /** A call goes out at `now`. */
  spend(now: number): void {
    this.#nextAt = now + this.#intervalMs;
  }
}
