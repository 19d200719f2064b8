import type { ContactTraits, Delivery } from "../ledger/ledger.ts";
import type { IgnoredTrait, Traits } from "../protocol.ts";
import type { WebchatUpsert } from "../vambe/contract.ts";

/** Whoever the proof says it is, and what may be said of them. */
export interface ProvenUser {
  id: string;
  verified: boolean;
  traits: Traits;
}

/** What is the same in every upsert. */
export interface UpsertSettings {
  stageId?: string | undefined;
  agentId?: string | undefined;
  source: string;
}

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
export function selectTraits(user: ProvenUser, fields: Readonly<Record<string, string>>): Selection {
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
    if (key !== undefined && value) contact[`field:${key}`] = value;
  }
  for (const [trait, value] of [...Object.entries(custom ?? {}), ["plan", plan] as const]) {
    if (value === null || value === undefined) continue;
    const key = keyOf(trait);
    if (key === undefined) {
      ignored.push({ trait, reason: "not-in-fields-setting" });
    } else {
      contact[`field:${key}`] = value;
      applied.set(trait, `field:${key}`);
    }
  }
  return { contact, applied, ignored };
}

/** The upsert that carries these traits. */
export function composeUpsert(delivery: Delivery, settings: UpsertSettings): WebchatUpsert {
  const { name, email, verified, ...fields } = delivery.traits;
  const custom = Object.entries(fields).map(([trait, value]) => ({
    key: trait.replace(/^field:/, ""),
    value,
  }));
  return {
    channel: "webchat",
    channel_id: delivery.channelId,
    external_user_id: delivery.userId,
    ...(name === undefined ? {} : { contact_name: name }),
    ...(email === undefined ? {} : { contact_email: email }),
    ...(settings.stageId === undefined ? {} : { stageId: settings.stageId }),
    ...(settings.agentId === undefined ? {} : { agentId: settings.agentId }),
    meta_data: {
      source: settings.source,
      ...(verified === undefined ? {} : { verified: verified === "true" }),
    },
    ...(custom.length === 0 ? {} : { custom_field_values: custom }),
  };
}

/** One @, something on both sides, no white space. Whether it is delivered to is not ours to find out. */
const isEmail = (text: string) => /^[^\s@]+@[^\s@]+$/.test(text);
