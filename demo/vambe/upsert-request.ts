import { z } from "zod/mini";

const filled = z.string().check(z.minLength(1));

/**
 * The body of the upsert as the OpenAPI document has it, word by word. It is written a second time here, apart
 * from `server/vambe/`: a stand-in that shared the exchange's own schema could never catch its mistakes.
 */
export const upsertRequest = z.looseObject({
  channel: z.enum(["whatsapp", "web-whatsapp", "webchat"]),
  channel_phone_number: z.optional(filled),
  channel_id: z.optional(z.uuid()),
  contact_phone_number: z.optional(z.string()),
  external_user_id: z.optional(filled),
  contact_name: z.optional(z.string()),
  contact_email: z.optional(z.string()),
  stageId: z.optional(z.uuid()),
  agentId: z.optional(z.uuid()),
  meta_data: z.record(z.string(), z.unknown()),
  custom_field_values: z.optional(z.array(z.looseObject({ key: filled, value: z.string() }))),
});

export type UpsertRequest = z.output<typeof upsertRequest>;

const REQUIRED = {
  whatsapp: ["channel_phone_number", "contact_phone_number"],
  "web-whatsapp": ["channel_phone_number", "contact_phone_number"],
  webchat: ["channel_id", "external_user_id"],
} as const;

/** What the prose asks for beyond the schema: the fields without which the channel cannot name a contact. */
export function missingForChannel(body: UpsertRequest): string[] {
  return REQUIRED[body.channel].filter((name) =>
    name.endsWith("phone_number") ? !cleanPhone(body[name]) : !body[name],
  );
}

/** "Automatically cleaned (spaces, dashes, etc. are removed)." */
export function cleanPhone(phone: string | undefined): string {
  return (phone ?? "").replace(/[^\d+]/g, "");
}

/** The contact's identity: a phone on a number, or the site's own id on a webchat channel. */
export function contactKey(body: UpsertRequest): string {
  return body.channel === "webchat"
    ? JSON.stringify([body.channel, body.channel_id?.toLowerCase(), body.external_user_id])
    : JSON.stringify([
        body.channel,
        cleanPhone(body.channel_phone_number),
        cleanPhone(body.contact_phone_number),
      ]);
}
