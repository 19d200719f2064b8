/** What the newest one weighs in the mean and in the mean deviation. Source: RFC 6298, section 2. */
const IN_MEAN = 1 / 8;
const IN_DEVIATION = 1 / 4;

/** How long the next delivery will probably take, by those before it. Milliseconds. */
export class ExpectedDuration {
  #mean: number | undefined;
  #deviation = 0;

  /** Takes note of a delivery that was answered. */
  took(ms: number): void {
    if (this.#mean === undefined) {
      this.#mean = ms;
      this.#deviation = ms / 2;
      return;
    }
    this.#deviation += IN_DEVIATION * (Math.abs(ms - this.#mean) - this.#deviation);
    this.#mean += IN_MEAN * (ms - this.#mean);
  }

  /** A time that few will exceed; 0 as long as nothing is known. */
  get ms(): number {
    return (this.#mean ?? 0) + 2 * this.#deviation;
  }
}
