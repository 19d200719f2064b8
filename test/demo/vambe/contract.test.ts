import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startStandIn, webchat, whatsapp } from "./asking.ts";
import { allowedByDocument, exampleOf } from "./document.ts";

const UUID = "228d7a0d-9072-4ca8-939b-959b75cc606a";
let vambe: Awaited<ReturnType<typeof startStandIn>>;
beforeAll(async () => {
  vambe = await startStandIn();
});
afterAll(() => vambe.goAway());

const ODD = [
  undefined,
  null,
  true,
  0,
  "",
  " ",
  "x",
  "sms",
  "webchat",
  "\u0000",
  "😀",
  [],
  [null],
  {},
  { a: { b: [1] } },
];
const UUIDS = [
  UUID,
  UUID.toUpperCase(),
  ` ${UUID}`,
  UUID.replace("4ca8", "9ca8"),
  UUID.replace("939b", "739b"),
  UUID.replaceAll("-", ""),
  "00000000-0000-0000-0000-000000000000",
  "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF",
  "ffffffff-ffff-ffff-ffff-ffffffffffff",
];
const pair = (key: unknown, value: unknown) => [{ key, value }];
const VALUES: Record<string, unknown[]> = {
  channel: ["whatsapp", "web-whatsapp", "Webchat"],
  channel_phone_number: ["+56 9"],
  channel_id: UUIDS,
  stageId: UUIDS,
  agentId: UUIDS,
  contact_phone_number: ["+56 9"],
  external_user_id: [7],
  contact_email: ["no email at all"],
  contact_name: ["Jane"],
  meta_data: [{ deep: { list: [null] } }, JSON.parse('{"__proto__": {"a": 1}}')],
  custom_field_values: [
    ...ODD.flatMap((odd) => [pair("plan", odd), pair(odd, "pro"), [odd]]),
    [{ key: "plan" }, { value: "pro" }],
    [{ key: "plan", value: "pro", more: 1 }],
  ],
  unheard_of: [],
};

describe("the stand-in against the OpenAPI document", () => {
  const asTheDocumentSays = async (sent: unknown) => {
    const allowed = allowedByDocument(JSON.parse(JSON.stringify(sent)));
    const { status, body } = await vambe.upsert(sent);
    const added = /^(Missing required fields|Custom field definition keys not found)/.test(body.message);
    expect({ sent, allowed: status === 201 || added }).toEqual({ sent, allowed });
  };

  test.each(Object.keys(VALUES))("refuses what the document refuses, and no more: %s", async (name) => {
    for (const right of [webchat(), whatsapp()]) {
      for (const value of [...ODD, ...(VALUES[name] ?? [])])
        await asTheDocumentSays({ ...right, [name]: value });
    }
  });

  test("… in whatever combination", async () => {
    const values = Object.entries(VALUES).map(
      ([name, some]) => [name, fc.constantFrom(...ODD, ...some)] as const,
    );
    const body = fc.oneof(fc.record(Object.fromEntries(values), { requiredKeys: [] }), fc.jsonValue());
    await fc.assert(fc.asyncProperty(body, asTheDocumentSays), { numRuns: 500 });
  });

  test("what is right is accepted", async () => {
    for (const sent of [webchat(), whatsapp(), whatsapp({ channel: "web-whatsapp" })]) {
      expect(allowedByDocument(sent)).toBe(true);
      expect(await vambe.upsert(sent)).toMatchObject({ status: 201 });
    }
  });

  test("the document's examples break its own schema; the stand-in is as strict, and takes them mended", async () => {
    const fields = [{ key: "rut" }, { key: "plan" }, { key: "company_name" }];
    const strict = await startStandIn({ fields });
    const examples = [
      { broken: exampleOf("whatsapp"), mend: { agentId: UUID } },
      { broken: exampleOf("webchat"), mend: { channel_id: UUID, meta_data: { source: "test" } } },
    ];
    for (const { broken, mend } of examples) {
      expect(allowedByDocument(broken)).toBe(false);
      expect(await strict.upsert(broken)).toMatchObject({ status: 400 });
      expect(await strict.upsert({ ...broken, ...mend })).toMatchObject({ status: 201 });
    }
    await strict.goAway();
  });

  test.each([
    [webchat({ channel_id: undefined }), "channel_id"],
    [webchat({ external_user_id: undefined }), "external_user_id"],
    [whatsapp({ channel_phone_number: undefined }), "channel_phone_number"],
    [whatsapp({ contact_phone_number: undefined }), "contact_phone_number"],
    [whatsapp({ channel: "web-whatsapp", contact_phone_number: " - " }), "contact_phone_number"],
  ])("names what its channel is missing: %#", async (sent, missing) => {
    expect(allowedByDocument(sent)).toBe(true);
    expect(await vambe.upsert(sent)).toEqual({
      status: 400,
      headers: expect.anything(),
      body: {
        statusCode: 400,
        message: `Missing required fields for ${sent.channel}: ${missing}`,
        error: "Bad Request",
      },
    });
  });

  test("a body that is not JSON, or not sent as JSON, is refused", async () => {
    expect((await vambe.post("{")).status).toBe(400);
    expect((await vambe.post(JSON.stringify(webchat()), { "content-type": "text/plain" })).status).toBe(400);
  });

  test.each([{ "x-api-key": "another" }, { "x-api-key": "" }])("refuses a wrong key: %o", async (headers) => {
    expect(await vambe.upsert(webchat({ external_user_id: "stranger" }), headers)).toMatchObject({
      status: 401,
      body: { statusCode: 401, error: "Unauthorized" },
    });
    expect(vambe.standIn.contacts()).not.toContainEqual(
      expect.objectContaining({ external_user_id: "stranger" }),
    );
  });

  test("there is no other route", async () => {
    expect((await fetch(`${vambe.url}/view`)).status).toBe(404);
    expect((await fetch(`${vambe.url}/api/public/customer/upsert/info`)).status).toBe(404);
  });
});
