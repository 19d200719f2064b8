import type { ReadPhone } from "../phone/e164.ts";
import type { Target } from "./target.ts";

/** The reader of phones, whose table of all countries is loaded only where something is done with one. */
export async function readPhoneFor({
  fields,
  whatsappPhone,
  phoneCountry,
}: Pick<Target, "fields" | "whatsappPhone"> & { phoneCountry?: string | undefined }): Promise<
  ReadPhone | undefined
> {
  if (whatsappPhone === undefined && !Object.hasOwn(fields, "phone")) return undefined;
  const { createReadPhone } = await import("../phone/e164.ts");
  return createReadPhone(phoneCountry);
}
