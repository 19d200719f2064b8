import type { CircuitBreaker } from "./circuit-breaker.ts";

/** At most this many calls to Vambe are under way at once. */
const CONCURRENCY = 16;

/** Who may go now. */
export interface Lanes {
  /** Users whose turn it is only where there is no other, by name. */
  last: ReadonlySet<string>;
  /** Whether it is their turn at all. */
  mayTakeLast: boolean;
  /** How many may go before another call has ended. */
  room: number;
}

/** Two lanes: who may be the fault itself, and may never be answered, keeps nobody else waiting. */
export function lanesOf(breaker: CircuitBreaker, underWay: readonly string[], now: number): Lanes {
  const last = breaker.last(now);
  const lastUnderWay = underWay.filter((name) => last.has(name)).length;
  const room = breaker.probing ? 1 - (underWay.length - lastUnderWay) : CONCURRENCY;
  return {
    last,
    mayTakeLast: breaker.heldFor(now) === 0 && !(breaker.holding && lastUnderWay > 0),
    // Who may be the fault goes alone.
    room: Math.min(breaker.holding ? 1 : CONCURRENCY, room, CONCURRENCY - underWay.length),
  };
}
