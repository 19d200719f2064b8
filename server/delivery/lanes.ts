import type { CircuitBreaker } from "./circuit-breaker.ts";

/** At most this many calls to Vambe are under way at once. */
const CONCURRENCY = 16;

/** Who may go now. */
export interface Lanes {
  /** Users whose turn it is only where there is no other, by name. */
  last: ReadonlySet<string>;
  /** Whether it is their turn at all. */
  mayTakeLast: boolean;
  /** Whether nobody may go before another call has ended. */
  isFull: boolean;
}

/** Two lanes: who may be the fault itself, and may never be answered, keeps nobody else waiting. */
export function lanesOf(breaker: CircuitBreaker, underWay: readonly string[], now: number): Lanes {
  const last = breaker.last(now);
  const lastUnderWay = underWay.filter((name) => last.has(name)).length;
  return {
    last,
    mayTakeLast: breaker.heldFor(now) === 0 && !(breaker.holding && lastUnderWay > 0),
    isFull: underWay.length >= CONCURRENCY || (breaker.probing && underWay.length - lastUnderWay > 0),
  };
}
