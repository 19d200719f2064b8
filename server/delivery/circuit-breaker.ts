import { LRUCache } from "lru-cache";
import { type BackoffLimits, backoffWithFloor } from "../backoff.ts";
import type { Verdict } from "../vambe/verdict.ts";

type Failure = Exclude<Verdict["kind"], "confirmed" | "refused">;

/** So many users have to fail in this way, with no success between, before deliveries pause for all. */
const TRIP_AFTER: Record<Failure, number> = { unauthorized: 2, failed: 3, busy: 1 };
const OUTAGE = { base: 1000, cap: 30_000 };
const REFUSED_KEY = { base: 5000, cap: 60_000 };
/** Users that are remembered as failing, at most. */
const REMEMBERED = 1000;

/** For how long deliveries are paused, in milliseconds, and what Vambe's last answer was that made it so. */
export interface Pause {
  forMs: number;
  because: Failure;
}

/**
 * What an outcome means for the others. `suspected`: nothing yet, the next other user shows. `alone`: nothing, since
 * others have succeeded meanwhile. `paused`: nobody can be delivered. `over`: an outage has ended, and what waits can go at once.
 */
export type Consequence = "suspected" | "alone" | "paused" | "over" | undefined;

/**
 * A circuit breaker over all users: it opens (deliveries pause) where several *users* have failed with no success
 * between, or by Vambe's own wish. One user alone never opens it: what is in front of Vambe, or Vambe itself, may
 * stumble over the content of one contact. Then it is half-open: it lets one delivery at a time through until one
 * succeeds, which closes it. Times are milliseconds of a clock that never jumps.
 */
export class CircuitBreaker {
  #openUntil = 0;
  /** How many times in a row it has opened. */
  #opened = 0;
  #because: Failure = "failed";
  /** Users that have failed since the last success. */
  readonly #failing = new LRUCache<string, Failure>({ max: REMEMBERED });
  /**
   * Users that have failed where another then succeeded, and how many successes there had been when they last failed:
   * until they succeed too, they say nothing about the others.
   */
  readonly #alone = new LRUCache<string, number>({ max: REMEMBERED });
  #successes = 0;

  /** How long deliveries have to wait from `now`; 0 lets one through. */
  openFor(now: number): number {
    return Math.max(0, this.#openUntil - now);
  }

  /** `undefined` where nothing is paused. A pause of 0 ms is one that the next delivery may end. */
  pause(now: number): Pause | undefined {
    return this.#opened > 0 ? { forMs: this.openFor(now), because: this.#because } : undefined;
  }

  /** Whether the next delivery is a probe, which nothing else may accompany: also while the key is suspected. */
  get probing(): boolean {
    return this.#opened > 0 || this.#failuresOf("unauthorized") > 0;
  }

  /** While it probes: the users that another is to be tried before, since they may be the fault themselves. */
  get doubtful(): ReadonlySet<string> {
    return new Set(this.probing ? [...this.#failing.keys(), ...this.#alone.keys()] : []);
  }

  /** Takes note of an outcome. */
  report(user: string, { kind, ...verdict }: Verdict, now: number): Consequence {
    if (kind === "confirmed" || kind === "refused") return this.#succeed(user);
    const successes = this.#alone.get(user);
    if (successes !== undefined) {
      this.#alone.set(user, this.#successes);
      return successes < this.#successes ? "alone" : "suspected";
    }
    this.#failing.set(user, kind);
    if (this.#opened === 0 && this.#failuresOf(kind) < TRIP_AFTER[kind]) return "suspected";
    this.#because = kind;
    // Calls that were under way together when it opened belong to one outage and count once.
    if (this.openFor(now) === 0) this.#opened += 1;
    const asked = "retryAfterMs" in verdict ? (verdict.retryAfterMs ?? 0) : 0;
    this.#open(now + Math.max(asked, this.#wait(kind === "unauthorized" ? REFUSED_KEY : OUTAGE)));
    return "paused";
  }

  #succeed(user: string): Consequence {
    this.#failing.delete(user);
    for (const other of this.#failing.keys()) this.#alone.set(other, this.#successes);
    this.#failing.clear();
    this.#successes += 1;
    this.#alone.delete(user);
    const wasOpen = this.#opened > 0;
    this.#opened = 0;
    this.#openUntil = 0;
    return wasOpen ? "over" : undefined;
  }

  /** An outage may fail in several ways; that the key is refused is said by those answers alone. */
  #failuresOf(kind: Failure): number {
    const failures = [...this.#failing.values()];
    return kind === "unauthorized" ? failures.filter((one) => one === kind).length : failures.length;
  }

  /** With a floor: without a wait there is no pause. */
  #wait(limits: BackoffLimits): number {
    return backoffWithFloor(this.#opened, limits);
  }

  /** Calls that were under way already may fail later than the one that opened it: they do not shorten the wait. */
  #open(until: number): void {
    this.#openUntil = Math.max(this.#openUntil, until);
  }
}
