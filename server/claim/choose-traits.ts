import { type ContactTraits, fieldTrait } from "../ledger/contact-traits.ts";
import type { ProvenUser } from "../proof/proof.ts";
import type { IgnoredTrait } from "../protocol.ts";

interface Selection {
  /** What goes to the ledger. */
  contact: ContactTraits;
  /** Name of each trait as the page knows it → its name in the ledger. */
  applied: Map<string, string>;
  ignored: IgnoredTrait[];
}

/**
 * Chooses what Vambe gets of a user: name, email, and the custom fields that `VAMBE_FIELDS` lists. An empty name
 * or email says nothing; an empty plan or custom field empties the field.
 */
export function selectTraits(
  user: Pick<ProvenUser, "id" | "verified" | "traits">,
  fields: Readonly<Record<string, string>>,
): Selection {
  const { name, email, plan, fields: custom } = user.traits;
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
  const keyOf = (trait: string) => (Object.hasOwn(fields, trait) ? fields[trait] : undefined);
  for (const [trait, value] of Object.entries({ id: user.id, name, email })) {
    const key = keyOf(trait);
    if (key !== undefined && value) contact[fieldTrait(key)] = value;
  }
  for (const [trait, value] of [...Object.entries(custom ?? {}), ["plan", plan] as const]) {
    if (value === null || value === undefined) continue;
    const key = keyOf(trait);
    if (key === undefined) {
      ignored.push({ trait, reason: "not-in-fields-setting" });
    } else {
      contact[fieldTrait(key)] = value;
      applied.set(trait, fieldTrait(key));
    }
  }
  return { contact, applied, ignored };
}

/** One @, something on both sides, no white space. Whether it is delivered to is not ours to find out. */
const isEmail = (text: string) => /^[^\s@]+@[^\s@]+$/.test(text);
