/** The longest pause that an answer can ask for, in milliseconds. */
const LONGEST_MS = 10 * 60_000;

/**
 * `Retry-After` (RFC 9110 §10.2.3) in milliseconds from now: seconds or an HTTP date, capped at ten minutes.
 * `undefined` where it is absent or makes no sense.
 */
export function retryAfterMs(header: string | null, now: number = Date.now()): number | undefined {
  if (header === null) return undefined;
  const value = header.trim();
  const isDate = /^[A-Z][a-z]+,? .*\d{2}:\d{2}:\d{2}/.test(value);
  const wait = /^\d+$/.test(value) ? Number(value) * 1000 : isDate ? Date.parse(value) - now : Number.NaN;
  return Number.isNaN(wait) ? undefined : Math.min(Math.max(wait, 0), LONGEST_MS);
}
