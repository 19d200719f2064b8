import { type BackoffLimits, backoffWithFloor } from "../backoff.ts";
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
 * A circuit breaker over all users: it opens (deliveries pause) on a run of failures, on a refused key or by Vambe's
 * own wish. Then it is half-open: it lets one delivery at a time through until one succeeds, which closes it.
 * Times are milliseconds of a clock that never jumps.
 */
export class CircuitBreaker {
  #openUntil = 0;
  #failures = 0;
  #because: Pause["because"] = "failed";

  /** How long deliveries have to wait from `now`; 0 lets one through. */
  openFor(now: number): number {
    return Math.max(0, this.#openUntil - now);
  }

  /** `undefined` where nothing is paused. A pause of 0 ms is one that the next delivery may end. */
  pause(now: number): Pause | undefined {
    return this.probing ? { forMs: this.openFor(now), because: this.#because } : undefined;
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
        const wasOpen = this.probing;
        this.#failures = 0;
        this.#openUntil = 0;
        return wasOpen;
      }
      case "unauthorized":
        this.#fail(now, verdict.kind, TRIP_AFTER);
        this.#open(now + this.#wait(REFUSED_KEY));
        return false;
      case "busy":
        this.#fail(now, verdict.kind, TRIP_AFTER);
        this.#open(now + Math.max(verdict.retryAfterMs ?? 0, this.#wait(OUTAGE)));
        return false;
      case "failed":
        this.#fail(now, verdict.kind, 1);
        if (this.#failures >= TRIP_AFTER) this.#open(now + this.#wait(OUTAGE));
        return false;
    }
  }

  /** Counts a failure. Calls that were under way together when it opened belong to one outage and count once. */
  #fail(now: number, because: Pause["because"], atLeast: number): void {
    this.#because = because;
    const counted = this.openFor(now) > 0 ? this.#failures : this.#failures + 1;
    this.#failures = Math.max(counted, atLeast);
  }

  /** With a floor: without a wait there is no pause. */
  #wait(limits: BackoffLimits): number {
    return backoffWithFloor(this.#failures - TRIP_AFTER + 1, limits);
  }

  /** Calls that were under way already may fail later than the one that opened it: they do not shorten the wait. */
  #open(until: number): void {
    this.#openUntil = Math.max(this.#openUntil, until);
  }
}
