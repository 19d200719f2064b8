import { Deliveries, type DeliveryParts } from "./delivery/deliveries.ts";
import { channelsOf } from "./settings/channels-of.ts";
import type { Settings } from "./settings/check-settings.ts";
import { composeUpsert } from "./vambe/compose-upsert.ts";
import { createUpsertClient } from "./vambe/upsert-client.ts";

/** What the settings say of deliveries. */
export type DeliverySettings = Pick<
  Settings,
  | "apiKey"
  | "apiUrl"
  | "channelId"
  | "whatsappPhone"
  | "fields"
  | "stageId"
  | "agentId"
  | "source"
  | "maxRate"
>;

/** Deliveries as the settings have them: an exchange's, or an import's. */
export const deliveriesFor = (
  settings: DeliverySettings,
  around: Pick<DeliveryParts, "ledger" | "log" | "tell">,
): Deliveries =>
  new Deliveries(channelsOf(settings), {
    ...around,
    vambe: createUpsertClient(settings),
    compose: (delivery) => composeUpsert(delivery, settings),
    lists: (fieldKey) => Object.values(settings.fields).includes(fieldKey),
    maxRate: settings.maxRate,
  });
