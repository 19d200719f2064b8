import type { Fingerprint } from "./data-key.ts";
import type { Row } from "./row.ts";
import { namedBy } from "./rules.ts";

/**
 * What becomes of a user's row in one channel when what waits under another comes to it. Trait by trait the newer value
 * stays, and what only one of the two has is kept. Generations of two rows do not compare, so what is newer goes by the
 * proofs, where both rows have seen one; otherwise the row of the channel that they come to is.
 * @param to the row that is there already
 * @returns the row to write; `undefined` where there is nothing to bring
 */
export function moved(from: Row, to: Row | undefined, fingerprint: Fingerprint): Row | undefined {
  if (Object.keys(from.pending).length === 0) return undefined;
  // What Vambe has confirmed there says nothing about this channel.
  if (!to) return { ...from, state: "pending", confirmed: {}, attempts: 0, held: false };
  // As everywhere: what anyone can say must not touch what has been proven, nor leave in its company.
  if (to.verified && !from.verified) return undefined;
  const replaces = from.verified && !to.verified;
  const digests = fingerprint(from.pending);
  const isKnown = (trait: string) => to.pending[trait] !== undefined || to.confirmed[trait] !== undefined;
  const isSame = (trait: string, value: string) =>
    to.pending[trait] === undefined ? to.confirmed[trait] === digests[trait] : to.pending[trait] === value;
  const newer = replaces || isNewer(from, to);
  const news = Object.entries(from.pending).filter(([trait, value]) =>
    newer ? !isSame(trait, value) : !isKnown(trait),
  );
  if (news.length === 0) return undefined;
  return {
    ...to,
    state: "pending",
    verified: from.verified,
    // Not that of a delivery that is under way.
    generation: Math.max(from.generation, to.generation) + 1,
    pending: { ...namedBy(from.pending), ...(replaces ? {} : to.pending), ...Object.fromEntries(news) },
    attempts: 0,
    held: false,
    provenAt: Math.max(from.provenAt, to.provenAt),
  };
}

function isNewer(from: Row, to: Row): boolean {
  // What was held since a backup was put back is older than all that came after.
  if (from.held || to.held) return !from.held;
  return to.provenAt > 0 && from.provenAt > to.provenAt;
}
