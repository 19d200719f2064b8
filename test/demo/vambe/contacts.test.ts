import { afterEach, beforeEach, expect, test } from "vitest";
import { startStandIn, webchat, whatsapp } from "./asking.ts";

let vambe: Awaited<ReturnType<typeof startStandIn>>;
beforeEach(async () => {
  vambe = await startStandIn();
});
afterEach(() => vambe.goAway());

const plan = (value: string) => [{ key: "plan", value }];

test("answers the contact as the prose page shows it", async () => {
  const stageId = "550e8400-e29b-41d4-a716-446655440000";
  const { body } = await vambe.upsert(
    whatsapp({ contact_name: "Jane", contact_email: "jane@example.com", stageId }),
  );
  const uuid = expect.stringMatching(/^[0-9a-f-]{36}$/);
  expect(body).toEqual({
    id: uuid,
    name: "Jane",
    phone: "+56912345678",
    email: "jane@example.com",
    platform: "whatsapp",
    client_id: uuid,
    ai_customer_id: uuid,
    created_at: expect.stringMatching(/^\d{4}-.*Z$/),
    default_stage_id: stageId,
    blocked: false,
    chat_status: "UNATTENDED",
    is_chat_read: false,
  });
});

test("the same external_user_id on the same channel is the same contact", async () => {
  const first = await vambe.upsert(webchat({ contact_name: "Jane" }));
  const again = await vambe.upsert(webchat({ contact_email: "jane@example.com" }));
  const other = await vambe.upsert(webchat({ channel_id: "228d7a0d-9072-4ca8-939b-959b75cc606a" }));
  expect(again.body).toMatchObject({ id: first.body.id, name: "Jane", email: "jane@example.com" });
  expect(other.body.id).not.toBe(first.body.id);
  expect(vambe.standIn.contacts()).toHaveLength(2);
});

test("a phone number is the same contact however it is written", async () => {
  const first = await vambe.upsert(whatsapp());
  const again = await vambe.upsert(whatsapp({ contact_phone_number: "+56-9 (1234) 5678" }));
  expect(again.body.id).toBe(first.body.id);
});

test("metadata is merged on the contact", async () => {
  await vambe.upsert(webchat({ meta_data: { source: "a", kept: 1 } }));
  await vambe.upsert(webchat({ meta_data: { source: "b" } }));
  expect(vambe.standIn.contacts()[0]?.meta_data).toEqual({ source: "b", kept: 1 });
});

test("custom fields are the customer's: contacts with the same identifier share them", async () => {
  const rut = { key: "rut", value: "12345678-9" };
  const chat = await vambe.upsert(webchat({ custom_field_values: [rut, ...plan("free")] }));
  const phone = await vambe.upsert(whatsapp({ custom_field_values: [rut, ...plan("pro")] }));
  expect(phone.body.id).not.toBe(chat.body.id);
  expect(phone.body.ai_customer_id).toBe(chat.body.ai_customer_id);
  expect(vambe.standIn.contacts().map(({ fields }) => fields)).toEqual([
    { rut: "12345678-9", plan: "pro" },
    { rut: "12345678-9", plan: "pro" },
  ]);
});

test("keys that are not defined are listed, and nothing of the upsert is written", async () => {
  const custom_field_values = [
    ...plan("pro"),
    { key: "colour", value: "blue" },
    { key: "size", value: "xl" },
    { key: "colour", value: "red" },
  ];
  expect(await vambe.upsert(webchat({ custom_field_values }))).toMatchObject({
    status: 400,
    body: {
      statusCode: 400,
      message: "Custom field definition keys not found: colour, size",
      error: "Bad Request",
    },
  });
  expect(vambe.standIn.contacts()).toEqual([]);
});
