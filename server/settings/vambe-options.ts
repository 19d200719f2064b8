import { z } from "zod/mini";
import { uuid } from "../vambe/uuid.ts";
import { fieldMap, readAs, secrets, text, webUrl } from "./checks.ts";
import { isCountry, whatsappChannelOf } from "./phone-checks.ts";
import { asList, asMap, asNumber, asText } from "./readers.ts";
import type { Setting } from "./setting.ts";

/** What the exchange says to Vambe, and how fast. */
export const VAMBE_OPTIONS = {
  apiKey: {
    check: z
      .string({ error: "is required: the API key from Vambe's settings" })
      .check(
        z.regex(
          /^[\x21-\x7e]+$/,
          "must be the API key as Vambe shows it: printable characters, no spaces or line breaks",
        ),
      ),
    variable: "VAMBE_API_KEY",
    read: asText,
    file: true,
    doc: "required",
  },
  apiKeyPrevious: {
    check: z.optional(text),
    variable: "VAMBE_API_KEY_PREVIOUS",
    read: asText,
    file: true,
    doc: "the API key before, for as long as instances with it may run ([keys.md](../keys.md#the-api-key))",
  },
  channelId: {
    check: z
      .string({ error: "is required: the UUID of your webchat channel" })
      .check(z.regex(uuid, "must be the UUID of your webchat channel")),
    variable: "VAMBE_CHANNEL_ID",
    read: asText,
    doc: "required; the webchat channel's UUID",
  },
  webchatSecrets: {
    check: secrets(32),
    variable: "VAMBE_WEBCHAT_SECRET",
    read: asList,
    file: true,
    doc: "the *JWT Secret* of the webchat channel: verified users get the chat's own token ([webchat.md](../webchat.md)); comma-separated while it is changed, the first one signs",
  },
  webchatIdClaim: {
    check: z._default(
      text.check(
        z.regex(/^[^\s"\\]{1,100}$/, "must be the name of a claim, such as sub or userId"),
        z.refine(
          (claim) => !["name", "iat", "exp", "nbf", "aud", "iss", "jti"].includes(claim),
          "must be a claim that has no other meaning, such as sub or userId",
        ),
      ),
      "sub",
    ),
    variable: "VAMBE_WEBCHAT_ID_CLAIM",
    read: asText,
    doc: "the claim of that token that has the id: the channel's *Campo del ID de usuario en el token*",
  },
  fields: {
    check: z._default(fieldMap, { plan: "plan" }),
    variable: "VAMBE_FIELDS",
    read: asMap,
    doc: "which traits go to which custom field: `plan,account_id:account,company.name:company` sends `plan` to the field `plan`, `account_id` to `account` and the company's name to `company` ([traits.md](../traits.md))",
  },
  whatsappPhone: {
    check: z.optional(readAs(text, whatsappChannelOf)),
    variable: "VAMBE_WHATSAPP_PHONE",
    read: asText,
    doc: "the site's own number on WhatsApp, or the id of that channel: users with a proven `phone` become a contact there too; `web-whatsapp:+5511987654321` where it is a linked phone ([traits.md](../traits.md#phone))",
  },
  phoneCountry: {
    check: z.optional(
      text.check(
        z.refine(isCountry, "must be a country's two letters, such as BR, MX or AR (ISO 3166-1 alpha-2)"),
      ),
    ),
    variable: "VAMBE_PHONE_COUNTRY",
    read: asText,
    doc: "the country of phones that are written without one, such as `BR`",
  },
  stageId: {
    check: z.optional(text.check(z.regex(uuid, "must be the UUID of a pipeline stage"))),
    variable: "VAMBE_STAGE_ID",
    read: asText,
    doc: "a pipeline stage, set on every upsert",
  },
  agentId: {
    check: z.optional(text.check(z.regex(uuid, "must be the UUID of a team member"))),
    variable: "VAMBE_AGENT_ID",
    read: asText,
    doc: "a team member, assigned on every upsert",
  },
  source: {
    check: z._default(text.check(z.regex(/^.{1,255}$/s, "must have 1 to 255 characters")), "vambe-identity"),
    variable: "VAMBE_SOURCE",
    read: asText,
    doc: "`meta_data.source`",
  },
  maxRate: {
    check: z._default(
      z
        .number({ error: "must be a number of upserts a second, such as 5" })
        .check(z.gte(0.1, "must be at least 0.1"), z.lte(10_000, "must be at most 10000")),
      5,
    ),
    variable: "VAMBE_MAX_RATE",
    read: asNumber,
    doc: "upserts a second; the default is Vambe's own recommendation",
  },
  refreshAfter: {
    check: z._default(
      z
        .number({ error: "must be a number of days, such as 30, or 0 for never" })
        .check(z.gte(0, "must not be negative"), z.lte(3650, "must be at most 3650")),
      30,
    ),
    variable: "VAMBE_REFRESH_AFTER",
    read: asNumber,
    doc: "days until a user is sent to Vambe again with the next identify, though nothing has changed: somebody may have edited or deleted the contact there ([traits.md](../traits.md#when-it-is-sent)). 0: never",
  },
  apiUrl: {
    check: z._default(webUrl("https://api.vambe.me"), "https://api.vambe.me"),
    variable: "VAMBE_API_URL",
    read: asText,
    doc: "base address of Vambe's API",
  },
} as const satisfies Record<string, Setting>;
