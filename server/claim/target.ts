import type { ReadPhone } from "../phone/e164.ts";

/** Where at Vambe the traits of a user go. */
export interface Target {
  /** The webchat's. */
  channelId: string;
  /** Trait → key of the custom field that takes it. */
  fields: Readonly<Record<string, string>>;
  /** The channel of the site's sender on WhatsApp (`vambe/whatsapp-sender.ts`), where there is one. */
  whatsappPhone?: string | undefined;
  /** Where anything is done with phones. */
  readPhone?: ReadPhone | undefined;
}
