import { z } from "zod/mini";
import { uuid } from "./uuid.ts";

/**
 * The body of `POST /api/public/customer/upsert/info`, for all three channels. Source: Vambe's API page
 * "Upsert a contact" and the OpenAPI document at its end. Where the two disagree the stricter one counts:
 * `meta_data` is always there.
 */

const filled = z.string().check(z.minLength(1));
const id = z.string().check(z.regex(uuid));

/** A phone number as the page cleans it: digits, and a plus sign in front where there was one. */
const clean = (typed: string) => (typed.trim().startsWith("+") ? "+" : "") + typed.replace(/\D/g, "");

const phoneNumber = z.pipe(
  z.pipe(z.string(), z.transform(clean)),
  z.string().check(z.regex(/^\+?\d{4,20}$/, "must be a phone number with its country code")),
);

/** "Phone number or ID of the channel": an id stays as it is. */
const channelPhone = z.pipe(
  z.pipe(
    z.string().check(z.trim(), z.minLength(1)),
    z.transform((typed) => (/^[+\d\s().-]+$/.test(typed) ? clean(typed) : typed)),
  ),
  filled,
);

const customFieldValue = z.strictObject({ key: filled, value: z.string() });

const common = {
  contact_name: z.optional(z.string()),
  contact_email: z.optional(z.string()),
  stageId: z.optional(id),
  agentId: z.optional(id),
  meta_data: z.record(z.string(), z.json()),
  custom_field_values: z.optional(z.array(customFieldValue)),
};

const webchat = z.strictObject({
  channel: z.literal("webchat"),
  channel_id: id,
  external_user_id: filled,
  ...common,
});

const phone = {
  channel_phone_number: channelPhone,
  contact_phone_number: phoneNumber,
  ...common,
};

/** An upsert for any channel; parsing cleans phone numbers. */
export const upsert = z.discriminatedUnion("channel", [
  webchat,
  z.strictObject({ channel: z.literal("whatsapp"), ...phone }),
  z.strictObject({ channel: z.literal("web-whatsapp"), ...phone }),
]);

export type Upsert = z.output<typeof upsert>;
