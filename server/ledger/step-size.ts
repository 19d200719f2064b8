/** How long a step should take, in milliseconds: nobody is answered by this process while SQLite is at it. */
const WISHED_MS = 12;
const FIRST = 250;
const LEAST = 20;
const MOST = 5000;

/** How many rows one step of long work takes on: as many as this machine does in the time that others can wait. */
export class StepSize {
  rows = FIRST;

  /** @param tookMs what the last step has taken */
  learn(tookMs: number): void {
    const change = Math.min(1.5, Math.max(0.25, WISHED_MS / Math.max(tookMs, 0.1)));
    this.rows = Math.round(Math.min(MOST, Math.max(LEAST, this.rows * change)));
  }
}
