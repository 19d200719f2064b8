/** Where a site is on WhatsApp: `whatsapp` is Meta's own API, `web-whatsapp` a phone that is linked. */
export interface WhatsappSender {
  channel: "whatsapp" | "web-whatsapp";
  /** The site's phone number there, or the channel's id. */
  phone: string;
}

/** Under this channel the ledger keeps its contacts, beside those of the webchat, whose channel is a UUID. */
export const whatsappChannelId = ({ channel, phone }: WhatsappSender): string => `${channel}:${phone}`;

/** The sender in the id of a channel; `undefined` where it is the webchat's. */
export function senderIn(channelId: string): WhatsappSender | undefined {
  const [, channel, phone] = /^(whatsapp|web-whatsapp):(.+)$/.exec(channelId) ?? [];
  return phone === undefined ? undefined : { channel: channel as WhatsappSender["channel"], phone };
}
