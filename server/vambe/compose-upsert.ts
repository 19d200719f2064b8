import { fieldKeyOf } from "../ledger/contact-traits.ts";
import type { Delivery } from "../ledger/row.ts";
import type { WebchatUpsert } from "./contract.ts";

/** What is the same in every upsert. */
export interface UpsertSettings {
  stageId?: string | undefined;
  agentId?: string | undefined;
  source: string;
}

/** The upsert that carries these traits. */
export function composeUpsert(delivery: Delivery, settings: UpsertSettings): WebchatUpsert {
  const { name, email, verified, ...fields } = delivery.traits;
  const custom = Object.entries(fields).map(([trait, value]) => ({ key: fieldKeyOf(trait) ?? trait, value }));
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
