import type { Claim } from "../ledger/row.ts";
import type { Selection } from "./choose-traits.ts";
import type { Target } from "./target.ts";

/** Whose claims they are, and of when. */
type Of = Pick<Claim, "userId" | "verified" | "provenAt">;

/** What is claimed of a user in each channel: the webchat's, and WhatsApp's where the user has a contact there. */
export function claimsOf(
  { contact, onWhatsapp }: Pick<Selection, "contact" | "onWhatsapp">,
  of: Of,
  { channelId, whatsappPhone }: Pick<Target, "channelId" | "whatsappPhone">,
): { webchat: Claim; onWhatsapp?: Claim } {
  return {
    webchat: { ...of, channelId, traits: contact },
    ...(whatsappPhone &&
      onWhatsapp && { onWhatsapp: { ...of, channelId: whatsappPhone, traits: onWhatsapp } }),
  };
}
