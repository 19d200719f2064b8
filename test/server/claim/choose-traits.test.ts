import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { selectTraits } from "../../../server/claim/choose-traits.ts";
import type { ContactTraits } from "../../../server/ledger/contact-traits.ts";
import { createReadPhone } from "../../../server/phone/e164.ts";
import { identifyRequest } from "../../../server/protocol.ts";
import { checkSettings } from "../../../server/settings/check-settings.ts";
import { composeUpsert } from "../../../server/vambe/compose-upsert.ts";
import { upsert } from "../../../server/vambe/contract.ts";
import { texts, users, uuids } from "../../support/generated.ts";
import { mistakesByTheDocument } from "../../support/upsert-document.ts";

const required = {
  apiKey: "key",
  channelId: "a1b2c3d4-e5f6-7890-abcd-ef1234567890",
  identitySecrets: ["0123456789abcdef0123456789abcdef"],
  allowedOrigins: ["https://shop.example.com"],
  publicUrl: "https://id.example.com",
};
const compose = (traits: Record<string, string>, options = {}) =>
  composeUpsert(
    { channelId: required.channelId, userId: "u1", generation: 1, lease: 0, traits, attempts: 0 },
    checkSettings({ ...required, ...options }),
  );

describe("every upsert that is composed", () => {
  const keys = fc.stringMatching(/^[\p{L}\p{N}][\p{L}\p{N}_.-]{0,20}$/u);
  const settings = fc.record(
    {
      channelId: uuids,
      stageId: uuids,
      agentId: uuids,
      source: fc.string({ minLength: 1, maxLength: 255 }),
      whatsappPhone: fc.constantFrom("+5511300000000", "web-whatsapp:channel_1"),
      fields: fc
        .uniqueArray(keys, { maxLength: 5 })
        .map((all) => Object.fromEntries(all.map((key) => [key, key]))),
    },
    { requiredKeys: ["channelId"] },
  );

  test("validates against Vambe's OpenAPI document, whatever the settings and the user are", () => {
    const readPhone = createReadPhone("BR");
    let composed = 0;
    let onWhatsappToo = 0;
    fc.assert(
      fc.property(
        settings,
        users,
        fc.boolean(),
        fc.func(fc.boolean()),
        (options, said, verified, isPending) => {
          const request = identifyRequest.safeParse({ user: said });
          if (!request.success) return;
          const { id, ...traits } = request.data.user;
          const checked = checkSettings({ ...required, ...options });
          const { contact, onWhatsapp } = selectTraits(
            { id, verified, traits, shown: traits },
            { ...checked, readPhone },
          );
          const all: [string, ContactTraits][] = [[checked.channelId, contact]];
          if (checked.whatsappPhone && onWhatsapp) all.push([checked.whatsappPhone, onWhatsapp]);
          // A row may have any part of it still to be delivered; of a contact on WhatsApp, always its phone.
          const parts = all.flatMap(([channelId, whole]) => {
            const pending = Object.entries(whole).filter(([trait]) => trait === "phone" || isPending(trait));
            return [whole, Object.fromEntries(pending)].map((traits) => ({ channelId, traits }));
          });
          for (const { channelId, traits } of parts) {
            const delivery = { channelId, userId: id, generation: 1, lease: 0, traits, attempts: 0 };
            const body = composeUpsert(delivery, checked);
            expect(mistakesByTheDocument(body)).toEqual([]);
            expect(upsert.parse(body)).toEqual(body);
            composed += 1;
            if (body.channel !== "webchat") onWhatsappToo += 1;
          }
        },
      ),
      { numRuns: 2000 },
    );
    expect(composed).toBeGreaterThan(500);
    expect(onWhatsappToo).toBeGreaterThan(100);
  });
});

describe("an upsert", () => {
  test("carries the traits where Vambe expects them", () => {
    expect(
      compose({ name: "Jane", email: "jane@example.com", verified: "true", "field:plan": "pro" }),
    ).toEqual({
      channel: "webchat",
      channel_id: required.channelId,
      external_user_id: "u1",
      contact_name: "Jane",
      contact_email: "jane@example.com",
      meta_data: { source: "vambe-identity", verified: true },
      custom_field_values: [{ key: "plan", value: "pro" }],
    });
  });

  test("always has meta_data, and leaves out what is not known", () => {
    expect(compose({ name: "Jane" })).toEqual({
      channel: "webchat",
      channel_id: required.channelId,
      external_user_id: "u1",
      contact_name: "Jane",
      meta_data: { source: "vambe-identity" },
    });
  });

  test("puts the contact into the stage and the hands that the settings name", () => {
    const options = {
      stageId: required.channelId,
      agentId: "00000000-0000-0000-0000-000000000000",
      source: "crm",
    };
    expect(compose({}, options)).toMatchObject({
      stageId: options.stageId,
      agentId: options.agentId,
      meta_data: { source: "crm" },
    });
  });

  test("keeps a custom field apart that is called name, email, verified or field:x", () => {
    const traits = { "field:name": "a", "field:verified": "b", "field:field:x": "c" };
    expect(compose(traits).custom_field_values).toEqual([
      { key: "name", value: "a" },
      { key: "verified", value: "b" },
      { key: "field:x", value: "c" },
    ]);
  });
});

describe("choosing traits", () => {
  const select = (traits: object, fields: Record<string, string> = { plan: "plan" }) =>
    selectTraits({ id: "u1", verified: true, traits }, { fields });

  test("custom fields that VAMBE_FIELDS does not list are ignored, by name", () => {
    const { contact, applied, ignored } = select(
      { plan: "pro", fields: { seats: "3", secret_note: "x" } },
      { plan: "tier", seats: "seats" },
    );
    expect(contact).toEqual({ verified: "true", "field:tier": "pro", "field:seats": "3" });
    expect([...applied.keys()].sort()).toEqual(["plan", "seats"]);
    expect(ignored).toEqual([{ trait: "secret_note", reason: "not-in-fields-setting" }]);
  });

  test.each([
    "jane",
    "jane@",
    "@example.com",
    "jane @example.com",
    "a@b@c",
    "jane@example.com, joe@example.com",
  ])("%j is not sent as an email", (email) => {
    const { contact, ignored } = select({ email });
    expect(contact).not.toHaveProperty("email");
    expect(ignored).toEqual([{ trait: "email", reason: "not-an-email" }]);
  });

  test("an empty name says nothing, an empty plan empties the field", () => {
    expect(select({ name: "", email: "", plan: "" }).contact).toEqual({ verified: "true", "field:plan": "" });
  });

  test("null empties a field, is ignored for a name and an email, and says nothing of what no field takes", () => {
    const { contact, ignored } = select({ name: null, email: null, plan: null, fields: { seats: null } });
    expect(contact).toEqual({ verified: "true", "field:plan": "" });
    expect(ignored).toEqual([
      { trait: "name", reason: "cannot-be-cleared" },
      { trait: "email", reason: "cannot-be-cleared" },
    ]);
  });

  test("id, name and email may be sent as custom fields too", () => {
    const { contact } = select(
      { name: "Jane", email: "jane@example.com" },
      { id: "account", name: "full_name", email: "mail" },
    );
    expect(contact).toMatchObject({
      name: "Jane",
      "field:account": "u1",
      "field:full_name": "Jane",
      "field:mail": "jane@example.com",
    });
  });

  test("names that every object inherits are nothing special", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("constructor", "toString", "hasOwnProperty", "__proto__"),
        texts,
        (trait, value) => {
          const fields = JSON.parse(`{${JSON.stringify(trait)}: ${JSON.stringify(value)}}`);
          expect(select({ fields }).ignored).toEqual([{ trait, reason: "not-in-fields-setting" }]);
        },
      ),
    );
  });
});
