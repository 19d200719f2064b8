import { fieldKeyOf } from "../ledger/contact-traits.ts";
import type { Delivery } from "../ledger/row.ts";
import type { Upsert } from "./contract.ts";
import { senderIn } from "./whatsapp-sender.ts";

/** What is the same in every upsert. */
export interface UpsertSettings {
  stageId?: string | undefined;
  agentId?: string | undefined;
  source: string;
}

/** The upsert that carries these traits. */
export function composeUpsert(delivery: Delivery, settings: UpsertSettings): Upsert {
  const { name, email, verified, phone, ...fields } = delivery.traits;
  const custom = Object.entries(fields).map(([trait, value]) => ({ key: fieldKeyOf(trait) ?? trait, value }));
  const sender = senderIn(delivery.channelId);
  return {
    ...(sender
      ? {
          channel: sender.channel,
          channel_phone_number: sender.phone,
          contact_phone_number: phone ?? "",
        }
      : { channel: "webchat", channel_id: delivery.channelId, external_user_id: delivery.userId }),
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
