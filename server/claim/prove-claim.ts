import { type Evidence, type ProofPolicy, prove } from "../proof/proof.ts";
import type { IgnoredTrait } from "../protocol.ts";
import { selectTraits } from "./choose-traits.ts";
import type { ClaimCache } from "./claim-cache.ts";
import { claimsOf } from "./claims-of.ts";
import type { ProvenClaim } from "./proven-claim.ts";
import type { Target } from "./target.ts";

/** What a request says. */
export interface Said {
  evidence: Evidence;
  /** What of the page's `user` was left out when it was read. */
  ignored: readonly IgnoredTrait[];
}

/** The text of a request, and how it is read: only a text that has not been proven before has to be. */
export interface Asked {
  /** What the text is written in: one text could be read in both ways. */
  form: "identify" | "token";
  text: string;
  /** @throws {Problem} or another error of the endpoint's */
  read(): Said;
}

/** Proves the user and chooses what counts. @throws {Problem} where the user is not proven */
export type ProveClaim = (asked: Asked) => Promise<ProvenClaim>;

export function createProveClaim(proofs: ProofPolicy, target: Target, kept: ClaimCache): ProveClaim {
  return ({ form, text, read }) => kept.get({ form, text }, () => proveAnew(read(), proofs, target));
}

async function proveAnew(
  { evidence, ignored: unread }: Said,
  proofs: ProofPolicy,
  target: Target,
): Promise<ProvenClaim> {
  const { user, ignored, again } = await prove(evidence, proofs);
  const selection = selectTraits(user, target);
  const known = [...ignored, ...selection.ignored];
  const of = { userId: user.id, verified: user.verified, provenAt: user.provenAt };
  const { webchat, onWhatsapp } = claimsOf(selection, of, target);
  return {
    ...webchat,
    onWhatsapp,
    applied: selection.applied,
    ignored: [...known, ...unread.filter(({ trait }) => !known.some((one) => one.trait === trait))],
    shown: { name: user.shown?.name || undefined, plan: user.shown?.plan || undefined },
    by: user.by,
    actor: user.actor,
    again,
  };
}
