import { backoff } from "../backoff.ts";
import type { Verdict } from "../vambe/client.ts";

/** Failures in a row, over all users, before deliveries pause. */
const TRIP_AFTER = 3;
const OUTAGE = { base: 1000, cap: 30_000 };
const REFUSED_KEY = { base: 5000, cap: 60_000 };

/** For how long deliveries are paused, in milliseconds, and what Vambe's last answer was that made it so. */
export interface Pause {
  forMs: number;
  because: "unauthorized" | "busy" | "failed";
}

/**
 * Lets deliveries through, or not: closed by a run of failures, by a refused key or by Vambe's own wish, it
 * opens again for one delivery at a time until one succeeds. Times are milliseconds of a clock that never jumps.
 */
export class Gate {
  #closedUntil = 0;
  #failures = 0;
  #because: Pause["because"] = "failed";

  /** How long deliveries have to wait from `now`; 0 lets one through. */
  closedFor(now: number): number {
    return Math.max(0, this.#closedUntil - now);
  }

  /** `undefined` where nothing is paused. A pause of 0 ms is one that the next delivery may end. */
  pause(now: number): Pause | undefined {
    return this.probing ? { forMs: this.closedFor(now), because: this.#because } : undefined;
  }

  /** Whether the next delivery is a probe, which nothing else may accompany. */
  get probing(): boolean {
    return this.#failures >= TRIP_AFTER;
  }

  /** Takes note of an outcome. Returns true where it ended an outage: what waits can go at once. */
  report(verdict: Verdict, now: number): boolean {
    switch (verdict.kind) {
      case "confirmed":
      case "refused": {
        const wasShut = this.probing;
        this.#failures = 0;
        this.#closedUntil = 0;
        return wasShut;
      }
      case "unauthorized":
        this.#fail(now, verdict.kind, TRIP_AFTER);
        this.#close(now + this.#wait(REFUSED_KEY));
        return false;
      case "busy":
        this.#fail(now, verdict.kind, TRIP_AFTER);
        this.#close(now + Math.max(verdict.retryAfterMs ?? 0, this.#wait(OUTAGE)));
        return false;
      case "failed":
        this.#fail(now, verdict.kind, 1);
        if (this.#failures >= TRIP_AFTER) this.#close(now + this.#wait(OUTAGE));
        return false;
    }
  }

  /** Counts a failure. Calls that were under way together when the gate closed belong to one outage and count once. */
  #fail(now: number, because: Pause["because"], atLeast: number): void {
    this.#because = because;
    const counted = this.closedFor(now) > 0 ? this.#failures : this.#failures + 1;
    this.#failures = Math.max(counted, atLeast);
  }

  /** Never less than half of the base: without a wait there is no pause. */
  #wait(limits: { base: number; cap: number }): number {
    return limits.base / 2 + backoff(this.#failures - TRIP_AFTER + 1, limits);
  }

  /** Calls that were under way already may fail later than the one that closed it: they do not shorten the wait. */
  #close(until: number): void {
    this.#closedUntil = Math.max(this.#closedUntil, until);
  }
}
