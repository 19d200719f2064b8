import { OTHER_ORIGIN } from "../observer.ts";
import { type Counted, MOST_ORIGINS } from "./contract/identify-counts.ts";

/**
 * The same counts, with no more origins among them than there is room for beside those that are known; the others are
 * added up under `OTHER_ORIGIN`. Each origin, outcome and kind stands there once, in one order for all who write.
 */
export function boundedOrigins(counts: readonly Counted[], known: Iterable<string>): Counted[] {
  const origins = new Set(known);
  const sums = new Map<string, Counted>();
  for (const { origin, outcome, how, count } of counts) {
    if (origin !== OTHER_ORIGIN && origins.size < MOST_ORIGINS) origins.add(origin);
    const named = origins.has(origin) ? origin : OTHER_ORIGIN;
    const name = JSON.stringify([named, outcome, how]);
    const sum = sums.get(name);
    if (sum) sum.count += count;
    else sums.set(name, { origin: named, outcome, how, count });
  }
  return [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, sum]) => sum);
}
