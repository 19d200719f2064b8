import { shareProven } from "../enforcement/share-proven.ts";
import type { IdentifyCount } from "../ledger/contract/identify-counts.ts";
import type { OriginProofs, Proofs } from "./state.ts";

/** How the identifies of some hours were proven, in all and by origin, those with the most first. */
export function proofsIn(counts: readonly IdentifyCount[]): Proofs {
  const byOrigin = new Map<string, OriginProofs>();
  for (const { origin, outcome, how, count } of counts) {
    const of = byOrigin.get(origin) ?? { origin, proven: 0, unproven: 0, refused: 0, counts: {} };
    byOrigin.set(origin, of);
    of.counts[how] = (of.counts[how] ?? 0) + count;
    of[outcome === "refused" ? "refused" : how === "none" ? "unproven" : "proven"] += count;
  }
  const { identifies, proven, without } = shareProven(counts);
  const all = ({ proven, unproven, refused }: OriginProofs) => proven + unproven + refused;
  return { identifies, proven, without, byOrigin: [...byOrigin.values()].sort((a, b) => all(b) - all(a)) };
}
