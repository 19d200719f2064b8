/** Milliseconds: the first wait is about `base`, and none is longer than `cap` (with a floor: `cap` and half of `base`). */
export interface BackoffLimits {
  base: number;
  cap: number;
}

/**
 * Capped exponential back-off with full jitter: a random wait, in milliseconds, of at most
 * `base · 2^(attempt − 1)` and never more than `cap`.
 * Source: "Exponential Backoff And Jitter", AWS Architecture Blog.
 */
export function backoff(attempt: number, { base, cap }: BackoffLimits): number {
  return Math.random() * Math.min(cap, base * 2 ** Math.min(attempt - 1, 30));
}

/** The same, and half of `base` in any case: for a wait that must not be none. */
export const backoffWithFloor = (attempt: number, limits: BackoffLimits): number =>
  limits.base / 2 + backoff(attempt, limits);
