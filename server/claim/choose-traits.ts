import { type ContactTraits, fieldTrait } from "../ledger/contact-traits.ts";
import type { ProvenUser } from "../proof/proof.ts";
import type { IgnoredTrait } from "../protocol.ts";
import type { Target } from "./target.ts";

export interface Selection {
  /** What goes to the ledger. */
  contact: ContactTraits;
  /** Name of each trait as the page knows it → its name in the ledger. */
  applied: Map<string, string>;
  ignored: IgnoredTrait[];
  /** The same for the contact on WhatsApp, with its number, where there is to be one. */
  onWhatsapp?: ContactTraits;
}

/**
 * Chooses what Vambe gets of a user: name, email, and the custom fields that `VAMBE_FIELDS` lists. `null` empties a field,
 * as an empty text does. A name and an email can't be emptied at Vambe: `null` is then ignored, and an empty text says
 * nothing.
 */
export function selectTraits(
  user: Pick<ProvenUser, "id" | "verified" | "traits" | "shown">,
  { fields, whatsappPhone, readPhone }: Omit<Target, "channelId">,
): Selection {
  const { name, email, plan, phone, company, fields: custom } = user.traits;
  const contact: Record<string, string> = { verified: String(user.verified) };
  const applied = new Map<string, string>();
  const ignored: IgnoredTrait[] = [];

  if (name) {
    contact.name = name;
    applied.set("name", "name");
  }
  if (email && !isEmail(email)) {
    ignored.push({ trait: "email", reason: "not-an-email" });
  } else if (email) {
    contact.email = email;
    applied.set("email", "email");
  }
  for (const [trait, value] of Object.entries({ name, email }))
    if (value === null) ignored.push({ trait, reason: "cannot-be-cleared" });
  const keyOf = (trait: string) => (Object.hasOwn(fields, trait) ? fields[trait] : undefined);
  for (const [trait, value] of Object.entries({ id: user.id, name, email })) {
    const key = keyOf(trait);
    if (key !== undefined && (value || value === null)) contact[fieldTrait(key)] = value ?? "";
  }
  const ofCompany = Object.entries(company ?? {}).map(([name, value]) => [`company.${name}`, value] as const);
  for (const [trait, value] of [...Object.entries(custom ?? {}), ["plan", plan] as const, ...ofCompany]) {
    if (value === undefined) continue;
    const key = keyOf(trait);
    if (key !== undefined) {
      contact[fieldTrait(key)] = value ?? "";
      applied.set(trait, fieldTrait(key));
    } else if (value !== null) {
      ignored.push({ trait, reason: "not-in-fields-setting" });
    }
  }
  if (phone === undefined) return { contact, applied, ignored };
  const key = keyOf("phone");
  const number = phone && readPhone?.(phone);
  // Nobody may be written to at a number that is only said to be his.
  const isProven = user.shown?.phone === phone;
  const goesToWhatsapp = whatsappPhone !== undefined && isProven;
  if (phone && (key !== undefined || goesToWhatsapp) && !number) {
    ignored.push({ trait: "phone", reason: "not-a-phone" });
  } else if (key !== undefined) {
    contact[fieldTrait(key)] = number ?? "";
    applied.set("phone", fieldTrait(key));
  } else if (goesToWhatsapp && number) {
    applied.set("phone", "phone");
  } else if (phone) {
    ignored.push({
      trait: "phone",
      reason: whatsappPhone === undefined ? "not-in-fields-setting" : "unproven",
    });
  }
  return {
    contact,
    applied,
    ignored,
    ...(goesToWhatsapp && number && { onWhatsapp: { ...contact, phone: number } }),
  };
}

/** One @, something on both sides, no white space. Whether it is delivered to is not ours to find out. */
const isEmail = (text: string) => /^[^\s@]+@[^\s@]+$/.test(text);
