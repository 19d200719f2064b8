import { setTimeout as sleep } from "node:timers/promises";
import { lateness, type Shared, type Turn } from "../ledger/contract/shared.ts";

/**
 * Spaces the calls to Vambe evenly. A page that waits may go one turn early, and what comes after it waits that much longer;
 * a call that comes late, on a busy machine, makes the next ones no later by more than half a turn. So it is the rate in the
 * end, and two calls at once at the most; where turns are shorter than timers can be, as many as come in two milliseconds.
 * Times are milliseconds of a clock that never jumps.
 */
export interface Pace {
  /** How long the next call has to wait. With `ahead`, for a page, a turn is kept for it, and nobody else is let through before. */
  waitFor(ahead: boolean): Promise<number>;
  /** A call goes out now, after `waitFor` has said 0. */
  spend(): void;
  /** Resolves when one call more may go out, beside the next. */
  further(): Promise<void>;
}

/** The pace of a process that is the only one. */
export class OwnPace implements Pace {
  readonly #intervalMs: number;
  #nextAt = 0;

  constructor(perSecond: number) {
    this.#intervalMs = 1000 / perSecond;
  }

  async waitFor(ahead: boolean): Promise<number> {
    return Math.max(0, this.#nextAt - performance.now() - (ahead ? this.#intervalMs : 0));
  }

  spend(): void {
    this.#nextAt = Math.max(this.#nextAt, performance.now() - lateness(this.#intervalMs)) + this.#intervalMs;
  }

  async further(): Promise<void> {
    for (let wait = await this.waitFor(false); wait > 0; wait = await this.waitFor(false)) await sleep(wait);
    this.spend();
  }
}

/** The turns of several loops in one process. */
export class OwnTurns implements Pick<Shared, "takeTurn"> {
  #nextAt = 0;

  async takeTurn(perSecond: number, ahead: boolean): Promise<Turn> {
    const now = performance.now();
    const intervalMs = 1000 / perSecond;
    const at = Math.max(this.#nextAt, now - lateness(intervalMs));
    if (at > now && !ahead) return { taken: false, inMs: at - now };
    this.#nextAt = at + intervalMs;
    return { taken: true, inMs: Math.max(0, at - now) };
  }
}

/** One loop's part of the pace of all. A turn that was taken and found no use is given up soon. */
export class SharedPace implements Pace {
  readonly #shared: Pick<Shared, "takeTurn">;
  readonly #perSecond: number;
  #turnAt: number | undefined;

  constructor(shared: Pick<Shared, "takeTurn">, perSecond: number) {
    this.#shared = shared;
    this.#perSecond = perSecond;
  }

  async waitFor(ahead: boolean): Promise<number> {
    // Used later it would come close upon the turn of another.
    const keptForMs = Math.max(250 / this.#perSecond, 5);
    if (this.#turnAt !== undefined && performance.now() > this.#turnAt + keptForMs) this.#turnAt = undefined;
    if (this.#turnAt === undefined) {
      const { taken, inMs } = await this.#shared.takeTurn(this.#perSecond, ahead);
      if (!taken) return inMs;
      this.#turnAt = performance.now() + Math.max(0, inMs - (ahead ? 1000 / this.#perSecond : 0));
    }
    return Math.max(0, this.#turnAt - performance.now());
  }

  spend(): void {
    this.#turnAt = undefined;
  }

  async further(): Promise<void> {
    await sleep((await this.#shared.takeTurn(this.#perSecond, true)).inMs);
  }
}
