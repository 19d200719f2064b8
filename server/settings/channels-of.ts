import type { Settings } from "./check-settings.ts";

/** The channels whose contacts an exchange with these settings carries: the webchat, and WhatsApp where it has a sender. */
export const channelsOf = ({
  channelId,
  whatsappPhone,
}: Pick<Settings, "channelId" | "whatsappPhone">): [string, ...string[]] => [
  channelId,
  ...(whatsappPhone === undefined ? [] : [whatsappPhone]),
];
