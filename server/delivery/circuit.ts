import { type BackoffLimits, backoffWithFloor } from "../backoff.ts";
import { BoundedMap } from "../bounded-map.ts";
import type { Verdict } from "../vambe/verdict.ts";

export type Failed = Exclude<Verdict, { kind: "confirmed" }>;
export type Failure = Failed["kind"];

/**
 * So many users have to fail in this way, with no success between, before it opens. Refusals are counted elsewhere, since
 * a contact that is refused is mostly to blame itself.
 */
const TRIP_AFTER: Record<Failure, number> = { unauthorized: 2, failed: 3, busy: 1, refused: 1 };
const OUTAGE = { base: 1000, cap: 30_000 };
const REFUSED_KEY = { base: 5000, cap: 60_000 };
/** Users that are remembered as failing, at most. */
const REMEMBERED = 1000;

/**
 * One circuit: closed, open (nobody of its users goes) until a time, then half-open (one at a time) until a success
 * closes it. Times are milliseconds of a clock that never jumps.
 */
export class Circuit {
  /** Users that have failed since the last success. */
  readonly #failing = new BoundedMap<Failure>(REMEMBERED);
  #openUntil = 0;
  /** How many times in a row it has opened. */
  #opened = 0;
  #because: Failure = "failed";

  get isClosed(): boolean {
    return this.#opened === 0;
  }

  get because(): Failure {
    return this.#because;
  }

  get failing(): string[] {
    return this.#failing.keys();
  }

  isFailing(user: string): boolean {
    return this.#failing.has(user);
  }

  openFor(now: number): number {
    return Math.max(0, this.#openUntil - now);
  }

  /** An outage may fail in several ways; that the key is refused, or out of quota, is said by those answers alone. */
  failuresOf(kind: Failure): number {
    const failures = this.#failing.values();
    return kind === "failed" ? failures.length : failures.filter((one) => one === kind).length;
  }

  /** Takes note of a failure, and opens where there are enough. @returns whether it is open now */
  fail(user: string, verdict: Failed, now: number, tripAfter = TRIP_AFTER[verdict.kind]): boolean {
    this.#failing.set(user, verdict.kind);
    if (this.isClosed && this.failuresOf(verdict.kind) < tripAfter) return false;
    this.#open(verdict, now);
    return true;
  }

  #open(verdict: Failed, now: number): void {
    this.#because = verdict.kind;
    // Calls that were under way together when it opened belong to one outage and count once.
    if (this.openFor(now) === 0) this.#opened += 1;
    const asked = verdict.kind === "busy" ? (verdict.retryAfterMs ?? 0) : 0;
    const wait = this.#wait(verdict.kind === "unauthorized" ? REFUSED_KEY : OUTAGE);
    // Calls that were under way already may fail later than the one that opened it: they do not shorten the wait.
    this.#openUntil = Math.max(this.#openUntil, now + Math.max(asked, wait));
  }

  /** Somebody has succeeded. */
  close(): void {
    this.#failing.clear();
    this.#opened = 0;
    this.#openUntil = 0;
  }

  /** With a floor: without a wait there is no pause. */
  #wait(limits: BackoffLimits): number {
    return backoffWithFloor(this.#opened, limits);
  }
}
