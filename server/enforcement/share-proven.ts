import { type IdentifyCount, KEPT_FOR_MS } from "../ledger/contract/identify-counts.ts";

/** How much of what came was proven. */
export interface ShareProven {
  /** Who was identified, proven or not. */
  identifies: number;
  /** Of these, by a proof that held. */
  proven: number;
  /** The share of these in hundredths, to one place and never rounded up to 100; `undefined` where nobody came. */
  percent: number | undefined;
  /** Origins that users came from, and none of them with a proof: those with the most first. */
  without: string[];
  /** Of each origin, those with the most first. */
  origins: { origin: string; identifies: number; proven: number }[];
  /** Proofs that did not hold, or did not come: the most frequent first. They are in none of the numbers above. */
  refusals: { slug: string; count: number; origin: string }[];
}

/** Since when counts have to be asked for that are of the last 24 hours. Milliseconds since the epoch. */
export const aDayBefore = (now: number): number => now - KEPT_FOR_MS;

/** What the counts of some hours say together. */
export function shareProven(counts: readonly IdentifyCount[]): ShareProven {
  const origins = new Map<string, ShareProven["origins"][number]>();
  const refusals = new Map<string, ShareProven["refusals"][number]>();
  for (const { origin, outcome, how, count } of counts) {
    if (outcome === "refused") {
      const name = `${how} ${origin}`;
      const refusal = refusals.get(name) ?? { slug: how, count: 0, origin };
      refusals.set(name, refusal);
      refusal.count += count;
    } else {
      const of = origins.get(origin) ?? { origin, identifies: 0, proven: 0 };
      origins.set(origin, of);
      of.identifies += count;
      if (how !== "none") of.proven += count;
    }
  }
  const all = [...origins.values()].sort((a, b) => b.identifies - a.identifies);
  const identifies = sum(all.map((of) => of.identifies));
  const proven = sum(all.map((of) => of.proven));
  return {
    identifies,
    proven,
    percent: identifies === 0 ? undefined : Math.floor((1000 * proven) / identifies) / 10,
    without: all.filter((of) => of.proven === 0).map(({ origin }) => origin),
    origins: all,
    refusals: [...refusals.values()].sort((a, b) => b.count - a.count),
  };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
