import { BoundedMap } from "../bounded-map.ts";
import type { Verdict } from "../vambe/verdict.ts";
import { Circuit, type Failed, type Failure } from "./circuit.ts";
import { RefusalsInARow } from "./refusals-in-a-row.ts";

/** For so long after they have failed, users are doubtful, in milliseconds: whatever else they have sent meanwhile. */
const DOUBTFUL_MS = 3600_000;
/** Doubtful users that are remembered, at most. */
const REMEMBERED = 1000;

/** For how long deliveries are paused, in milliseconds, and what Vambe's last answer was that made it so. */
export interface Pause {
  forMs: number;
  because: Failure;
}

/**
 * What an outcome means for the others. `suspected`: nothing yet, the next other user shows. `alone`: nothing, since
 * others have succeeded meanwhile, or since it is a contact's own until more are refused. `paused`: nobody can be delivered. `over`: an outage has ended, and what waits can go at once.
 */
export type Consequence = "suspected" | "alone" | "paused" | "over" | undefined;

/**
 * A user that has failed before, how many successes of anybody there had been then, and how many contacts Vambe had taken
 * when the doubt began.
 */
interface Doubt {
  until: number;
  successes: number;
  taken: number;
}

/**
 * Two circuits, since a failure may be the user's own: what is in front of Vambe, or Vambe itself, may stumble over the
 * content of one contact. A user is *doubtful* for an hour after failing where others then succeeded, after failing in
 * what paused the deliveries, or where the row had failed before already.
 *
 * | who fails    | opens the circuit | while it is open | when its time is over, one at a time                     |
 * | ------------ | ----------------- | ---------------- | -------------------------------------------------------- |
 * | anybody else | of all            | nobody goes      | who is not doubtful goes first; a failure makes it longer |
 * | the doubtful | of the doubtful   | the others go    | a failure makes it longer, for the doubtful alone         |
 *
 * Where Vambe asks to wait, one call is enough. The first success of anybody closes both. A refusal ends what other
 * failures have brought about, for Vambe answers; several in a row are a cause of their own, which only ends when Vambe
 * takes a contact. Times are milliseconds of a clock that never jumps.
 */
export class CircuitBreaker {
  readonly #all = new Circuit();
  readonly #held = new Circuit();
  readonly #doubtful = new BoundedMap<Doubt>(REMEMBERED);
  readonly #refusals = new RefusalsInARow();
  #successes = 0;
  /** Contacts that Vambe has taken. */
  #taken = 0;

  /** How long everybody has to wait from `now`; 0 lets one through. */
  openFor(now: number): number {
    return this.#all.openFor(now);
  }

  /** How long the doubtful have to wait from `now`. */
  heldFor(now: number): number {
    return this.#held.openFor(now);
  }

  /** `undefined` where nothing is paused. A pause of 0 ms is one that the next delivery may end. */
  pause(now: number): Pause | undefined {
    return this.#all.isClosed ? undefined : { forMs: this.openFor(now), because: this.#all.because };
  }

  /** Whether only one delivery at a time may be under way: also while the key is suspected. */
  get probing(): boolean {
    return !this.#all.isClosed || this.#all.failuresOf("unauthorized") > 0;
  }

  /** Whether only one delivery at a time may be under way of `last`. */
  get holding(): boolean {
    return this.probing || !this.#held.isClosed;
  }

  /** While it is holding: the users that any other is to be tried before, since they may be the fault themselves. */
  last(now: number): ReadonlySet<string> {
    if (!this.holding) return new Set();
    const doubtful = this.#doubtful.keys().filter((user) => this.#doubtIn(user, now));
    return new Set([...this.#all.failing, ...doubtful]);
  }

  /**
   * Takes note of an outcome.
   * @param attempts how many times in a row this very row had failed before
   */
  report(user: string, verdict: Verdict, now: number, attempts = 0): Consequence {
    if (verdict.kind === "confirmed") return this.#take(user, now);
    if (verdict.kind === "refused") return this.#isRefusingAll ? undefined : this.#succeed(user, now);
    const before = this.#doubtIn(user, now);
    const hadFailed = attempts > 0 && !this.#all.isFailing(user);
    if (before || hadFailed) return this.#failDoubtful(user, verdict, now, before);
    if (!this.#all.fail(user, verdict, now)) return "suspected";
    for (const one of this.#all.failing) this.#doubt(one, now);
    return "paused";
  }

  /**
   * Takes note that Vambe refuses a contact whatever is left out of it.
   * @param content see `Refusal`
   * @param attempts how many times in a row this very row had failed before
   * @returns `alone` where it is the contact's own fault, as far as is known
   */
  refuse(
    user: string,
    verdict: Extract<Verdict, { kind: "refused" }>,
    content: string,
    now: number,
    attempts = 0,
  ): "alone" | "suspected" | "paused" {
    const doubt = this.#doubtIn(user, now);
    if (doubt && this.#isRefusingAll) {
      this.#doubt(user, now);
      this.#held.fail(user, verdict, now);
      return "paused";
    }
    if (doubt && doubt.taken < this.#taken) {
      this.#doubt(user, now);
      return "alone";
    }
    const isAboutAll = this.#refusals.add(user, { status: verdict.status, content });
    if (isAboutAll || this.#isRefusingAll) {
      this.#all.fail(user, verdict, now);
      for (const one of this.#refusals.users) this.#doubt(one, now);
      return "paused";
    }
    // It waited when the process before ended, perhaps for what others have waited for too.
    return attempts > 0 && this.#taken === 0 ? "suspected" : "alone";
  }

  get #isRefusingAll(): boolean {
    return !this.#all.isClosed && this.#all.because === "refused";
  }

  #failDoubtful(user: string, verdict: Failed, now: number, before: Doubt | undefined): Consequence {
    this.#doubt(user, now);
    // In a pause each of them has shown by failing that it may be so for all.
    this.#held.fail(user, verdict, now, this.#all.isClosed ? undefined : 1);
    return before && before.successes < this.#successes ? "alone" : "suspected";
  }

  #take(user: string, now: number): Consequence {
    for (const other of this.#refusals.users) if (other !== user) this.#doubt(other, now);
    this.#refusals.clear();
    const consequence = this.#succeed(user, now);
    this.#taken += 1;
    return consequence;
  }

  #succeed(user: string, now: number): Consequence {
    const wasPaused = !this.#all.isClosed;
    for (const other of this.#all.failing) if (other !== user) this.#doubt(other, now);
    this.#successes += 1;
    this.#all.close();
    this.#held.close();
    return wasPaused ? "over" : undefined;
  }

  #doubt(user: string, now: number): void {
    const taken = this.#doubtIn(user, now)?.taken ?? this.#taken;
    this.#doubtful.set(user, { until: now + DOUBTFUL_MS, successes: this.#successes, taken });
  }

  #doubtIn(user: string, now: number): Doubt | undefined {
    const doubt = this.#doubtful.peek(user);
    return doubt && doubt.until > now ? doubt : undefined;
  }
}
