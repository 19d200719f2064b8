import { setTimeout as sleep } from "node:timers/promises";
import { lateness, type Shared, type Turns, turnsBy } from "../ledger/contract/shared.ts";

/**
 * Spaces the calls to Vambe evenly. A page that waits may go one turn early, and what comes after it waits that much longer;
 * a call that comes late, on a busy machine, makes the next ones no later by more than half a turn. So it is the rate in the
 * end, and two calls at once at the most; where turns are shorter than timers can be, as many as come in two milliseconds.
 * Times are milliseconds of a clock that never jumps.
 */
export interface Pace {
  /**
   * How many calls may go out now, `most` at the most, and where that is none, how long the next has to wait. With `ahead`, for
   * pages, a turn is kept for the first, and nobody else is let through before.
   */
  ready(ahead: boolean, most: number): Promise<Ready>;
  /** One of those that may goes out. */
  spend(): void;
  /** Resolves when one call more may go out, beside the next. */
  further(): Promise<void>;
}

interface Ready {
  calls: number;
  inMs: number;
}

/** The pace of a process that is the only one. */
export class OwnPace implements Pace {
  readonly #intervalMs: number;
  #nextAt = 0;

  constructor(perSecond: number) {
    this.#intervalMs = 1000 / perSecond;
  }

  async ready(ahead: boolean, most: number): Promise<Ready> {
    const by = performance.now() + (ahead ? this.#intervalMs : 0);
    const at = this.#next();
    return { calls: turnsBy(by, at, this.#intervalMs, most), inMs: Math.max(0, at - by) };
  }

  spend(): void {
    this.#nextAt = this.#next() + this.#intervalMs;
  }

  async further(): Promise<void> {
    for (let next = await this.ready(false, 1); next.calls === 0; next = await this.ready(false, 1))
      await sleep(next.inMs);
    this.spend();
  }

  #next(): number {
    return Math.max(this.#nextAt, performance.now() - lateness(this.#intervalMs));
  }
}

/** The turns of several loops in one process. */
export class OwnTurns implements Pick<Shared, "takeTurns"> {
  #nextAt = 0;

  async takeTurns(perSecond: number, ahead: boolean, most: number): Promise<Turns> {
    const now = performance.now();
    const intervalMs = 1000 / perSecond;
    const at = Math.max(this.#nextAt, now - lateness(intervalMs));
    const taken = turnsBy(now + (ahead ? intervalMs : 0), at, intervalMs, most) || (ahead ? 1 : 0);
    if (taken > 0) this.#nextAt = at + taken * intervalMs;
    return { taken, inMs: Math.max(0, at - now) };
  }
}

/** One loop's part of the pace of all. Turns that were taken and found no use are given up soon. */
export class SharedPace implements Pace {
  readonly #shared: Pick<Shared, "takeTurns">;
  readonly #perSecond: number;
  #turns = 0;
  /** When the first of them comes. */
  #at = 0;

  constructor(shared: Pick<Shared, "takeTurns">, perSecond: number) {
    this.#shared = shared;
    this.#perSecond = perSecond;
  }

  async ready(ahead: boolean, most: number): Promise<Ready> {
    // Used later they would come close upon the turns of another.
    const keptForMs = Math.max(250 / this.#perSecond, 5);
    if (performance.now() > this.#at + keptForMs) this.#turns = 0;
    if (this.#turns === 0) {
      const { taken, inMs } = await this.#shared.takeTurns(this.#perSecond, ahead, most);
      if (taken === 0) return { calls: 0, inMs };
      this.#turns = taken;
      this.#at = performance.now() + Math.max(0, inMs - (ahead ? 1000 / this.#perSecond : 0));
    }
    const inMs = Math.max(0, this.#at - performance.now());
    return { calls: inMs > 0 ? 0 : Math.min(this.#turns, most), inMs };
  }

  spend(): void {
    this.#turns = Math.max(0, this.#turns - 1);
  }

  async further(): Promise<void> {
    await sleep((await this.#shared.takeTurns(this.#perSecond, true, 1)).inMs);
  }
}
