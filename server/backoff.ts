/**
 * Capped exponential back-off with full jitter: a random wait, in milliseconds, of at most
 * `base · 2^(attempt − 1)` and never more than `cap`.
 * Source: "Exponential Backoff And Jitter", AWS Architecture Blog.
 */
export function backoff(attempt: number, { base, cap }: { base: number; cap: number }): number {
  return Math.random() * Math.min(cap, base * 2 ** Math.min(attempt - 1, 30));
}
