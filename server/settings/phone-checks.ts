import { whatsappChannelId } from "../vambe/whatsapp-sender.ts";

const REGIONS = new Intl.DisplayNames("en", { type: "region", fallback: "none" });

export const isCountry = (text: string): boolean => /^[A-Z]{2}$/.test(text) && REGIONS.of(text) !== undefined;

/** The channel of a sender on WhatsApp, as the setting has it: a number or an id, with the kind of channel in front of it or not. */
export function whatsappChannelOf(setting: string): string | { mistake: string } {
  const [, kind, typed = ""] = /^(?:(whatsapp|web-whatsapp):)?(.*)$/s.exec(setting.trim()) ?? [];
  const isNumber = /^\+?[\d\s().-]+$/.test(typed);
  const phone = isNumber ? typed.replace(/[\s().-]/g, "") : typed;
  if (!(isNumber ? /^\+?\d{4,20}$/ : /^[\w-]{4,64}$/).test(phone))
    return {
      mistake:
        "must be your own number on WhatsApp with its country code, such as +5511987654321, or the channel's id; with web-whatsapp: in front of it where it is a linked phone",
    };
  return whatsappChannelId({ channel: kind === "web-whatsapp" ? kind : "whatsapp", phone });
}
