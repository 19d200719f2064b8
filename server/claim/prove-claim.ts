import type { Claim } from "../ledger/ledger.ts";
import { type Again, type Evidence, type ProofPolicy, prove } from "../proof/proof.ts";
import type { IgnoredTrait } from "../protocol.ts";
import type { Settings } from "../settings/check-settings.ts";
import { selectTraits } from "./choose-traits.ts";

/** What a request asks for, once it is proven: who the user is, what Vambe gets to know, and what it does not. */
export interface ProvenClaim extends Claim {
  /** Name of each trait as the page knows it → its name in the ledger. */
  applied: ReadonlyMap<string, string>;
  ignored: readonly IgnoredTrait[];
  again: Again | undefined;
}

/**
 * Proves the user and chooses what counts.
 * @param unknownTraits names in the page's `user` that the protocol does not know
 * @throws {Problem} where the user is not proven
 */
export async function proveClaim(
  evidence: Evidence,
  unknownTraits: readonly string[],
  proofs: ProofPolicy,
  { channelId, fields }: Pick<Settings, "channelId" | "fields">,
): Promise<ProvenClaim> {
  const { user, ignored, again } = await prove(evidence, proofs);
  const selection = selectTraits(user, fields);
  const unknown = unknownTraits.map((trait): IgnoredTrait => ({ trait, reason: "unknown-trait" }));
  return {
    channelId,
    userId: user.id,
    verified: user.verified,
    traits: selection.contact,
    applied: selection.applied,
    ignored: [...ignored, ...selection.ignored, ...unknown],
    again,
  };
}
