import type { Claim } from "../ledger/row.ts";
import type { Actor } from "../proof/actor.ts";
import type { Again, ProofKind } from "../proof/proof.ts";
import type { IgnoredTrait } from "../protocol.ts";

/** What a request asks for, once it is proven: who the user is, what Vambe gets to know, and what it does not. */
export interface ProvenClaim extends Claim {
  /** Name of each trait as the page knows it → its name in the ledger. */
  applied: ReadonlyMap<string, string>;
  ignored: readonly IgnoredTrait[];
  /** The user's name and plan, where they are proven: to be shown to the user himself. */
  shown: { name?: string | undefined; plan?: string | undefined };
  /** By which kind of proof. */
  by: ProofKind | "none";
  /** The same user on WhatsApp, where a phone is proven and the site has a sender there. */
  onWhatsapp?: Claim | undefined;
  /** Who acts for the user: then nothing of the claim is recorded. */
  actor?: Actor | undefined;
  again: Again | undefined;
}
