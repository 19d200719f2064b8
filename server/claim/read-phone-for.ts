import type { ReadPhone } from "../phone/e164.ts";
import type { Settings } from "../settings/check-settings.ts";

/** The reader of phones, whose table of all countries is loaded only where something is done with one. */
export async function readPhoneFor({
  fields,
  whatsappPhone,
  phoneCountry,
}: Pick<Settings, "fields" | "whatsappPhone" | "phoneCountry">): Promise<ReadPhone | undefined> {
  if (whatsappPhone === undefined && !Object.hasOwn(fields, "phone")) return undefined;
  const { createReadPhone } = await import("../phone/e164.ts");
  return createReadPhone(phoneCountry);
}
