import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkedContact } from "../../../server/client/checked-contact.ts";
import { type ContactToUpsert, createVambeClient, VambeError } from "../../../server/client/index.ts";
import { upsertInputs } from "../../support/generated.ts";
import { mistakesByTheDocument } from "../../support/upsert-document.ts";
import { reply, startUpstream } from "../../support/upstream.ts";
import { startVambe } from "../../support/vambe.ts";

const apiKey = "key-0123456789abcdef";
const channel_id = "a1b2c3d4-e5f6-4890-abcd-ef1234567890";
const webchat = { channel: "webchat", channel_id, external_user_id: "user-abc-123" } as const;
const clientOf = (apiUrl: string, key = apiKey) => createVambeClient({ apiKey: key, apiUrl, maxRate: 1000 });
const failureOf = async (work: Promise<unknown>): Promise<VambeError> => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(VambeError);
  return error as VambeError;
};

describe("what is sent", () => {
  test("validates against Vambe's OpenAPI document on every channel, or is refused before", () => {
    let sent = 0;
    fc.assert(
      fc.property(upsertInputs, (input) => {
        try {
          expect(mistakesByTheDocument(checkedContact(input as ContactToUpsert))).toEqual([]);
          sent += 1;
        } catch (error) {
          if (!(error instanceof VambeError)) throw error;
          expect(error.errors.length).toBeGreaterThan(0);
        }
      }),
      { numRuns: 3000 },
    );
    expect(sent).toBeGreaterThan(300);
  });

  test("has its phone numbers cleaned, and metadata in any case", () => {
    const whatsapp = {
      channel: "whatsapp",
      channel_phone_number: "+56 9 1234 5678",
      contact_phone_number: "(+56) 9-8765.4321",
      contact_name: undefined,
    } as const;
    expect(checkedContact(whatsapp)).toEqual({
      channel: "whatsapp",
      channel_phone_number: "+56912345678",
      contact_phone_number: "56987654321",
      meta_data: { source: "vambe-identity" },
    });
  });

  test.each<[unknown, string]>([
    [{ ...webchat, channel_id: "12" }, "channel_id must be a UUID."],
    [{ ...webchat, external_user_id: undefined }, "external_user_id is required."],
    [{ ...webchat, external_user_id: "" }, "external_user_id must not be empty."],
    [
      { ...webchat, contact_phone_number: "+56987654321" },
      "contact_phone_number is not a field of this channel.",
    ],
    [{ ...webchat, contact_name: 7 }, "contact_name must be of the type string."],
    [{ ...webchat, agentId: null }, "agentId must be of the type string."],
    [{ ...webchat, custom_field_values: [{ key: "plan" }] }, "custom_field_values.0.value is required."],
    [{ channel: "sms" }, 'channel must be "webchat", "whatsapp" or "web-whatsapp".'],
    [undefined, 'channel must be "webchat", "whatsapp" or "web-whatsapp".'],
    [
      { channel: "whatsapp", channel_phone_number: "+56912345678", contact_phone_number: "none" },
      "contact_phone_number must be a phone number with its country code.",
    ],
  ])("is refused where a field is wrong, with its name: %j", (contact, message) => {
    expect(() => checkedContact(contact as ContactToUpsert)).toThrow(
      expect.objectContaining({ code: "invalid", message }),
    );
  });
});

describe("with Vambe", () => {
  test("a contact is upserted, read, and given metadata by either id", async () => {
    await using vambe = await startVambe({ apiKey });
    const client = clientOf(vambe.url);
    const contact = await client.upsertContact({
      ...webchat,
      contact_name: "Jane Doe",
      custom_field_values: [{ key: "plan", value: "premium" }],
    });
    expect(contact).toMatchObject({ name: "Jane Doe", platform: "webchat" });
    const id = contact.id ?? "";
    expect(await client.getContact(id)).toMatchObject({ id, name: "Jane Doe" });
    await client.addWebchatMetadata(webchat.external_user_id, { notes: "met at a fair" });
    await client.updateContactMetadata(id, { tier: "gold" });
    expect(vambe.standIn.contacts()).toMatchObject([
      { fields: { plan: "premium" }, meta_data: { notes: "met at a fair", tier: "gold" } },
    ]);
    expect(await client.openTicket("phone-1", { contact_phone_number: "+56987654321" })).toMatchObject({
      phone_id: "phone-1",
    });
    expect((await failureOf(client.getContact(randomUUID()))).code).toBe("not-found");
    expect((await failureOf(client.addWebchatMetadata("nobody", {}))).code).toBe("not-found");
  });

  test("errors name what is wrong, in Vambe's words and without what was sent", async () => {
    await using vambe = await startVambe({ apiKey });
    const unauthorized = await failureOf(clientOf(vambe.url, "another").upsertContact(webchat));
    expect(unauthorized).toMatchObject({ code: "unauthorized", status: 401 });
    const refused = await failureOf(
      clientOf(vambe.url).upsertContact({
        ...webchat,
        contact_name: "Jane Doe",
        custom_field_values: [{ key: "tier", value: "gold-plated" }],
      }),
    );
    expect(refused).toMatchObject({
      code: "refused",
      status: 400,
      message: "Vambe does not take this (400). It says: Custom field definition keys not found: tier",
    });
  });

  test("nothing that was sent stands in an error, wherever Vambe repeats it", async () => {
    await using upstream = await startUpstream((socket, seen) =>
      reply(400, JSON.stringify({ message: `no: ${seen.body} ${apiKey}` }))(socket, seen),
    );
    const client = clientOf(upstream.url);
    const secrets = { deep: { list: ["jane@example.com", 4_111_111_111_111] }, name: "Jane Doe" };
    for (const work of [
      client.addWebchatMetadata("user-abc-123", secrets),
      client.updateContactMetadata(randomUUID(), secrets),
      client.openTicket("1", secrets),
      client.upsertContact({ ...webchat, contact_name: "Jane Doe", contact_email: "jane@example.com" }),
    ]) {
      const { message, stack } = await failureOf(work);
      expect(`${message}${stack}`).not.toMatch(/Jane|Doe|example\.com|4111|user-abc|key-0123/);
    }
  });
});

describe("a Vambe that fails", () => {
  const flaky = (answers: number[], headers: Record<string, string> = {}) => {
    let calls = 0;
    return startUpstream((socket, seen) => {
      const status = answers[Math.min(calls, answers.length - 1)] ?? 201;
      calls += 1;
      return reply(status, '{"message":"later"}', headers)(socket, seen);
    });
  };

  test("is asked again, and what then succeeds is as if nothing had been", async () => {
    await using upstream = await flaky([500, 502, 201]);
    await clientOf(upstream.url).upsertContact(webchat);
    expect(upstream.seen).toHaveLength(3);
    expect(new Set(upstream.seen.map(({ body }) => body)).size).toBe(1);
  });

  test("is given up on in the end, and at once where the caller does", { timeout: 120_000 }, async () => {
    await using upstream = await flaky([500]);
    const client = clientOf(upstream.url);
    expect(await failureOf(client.upsertContact(webchat))).toMatchObject({
      code: "unavailable",
      status: 500,
    });
    expect(upstream.seen).toHaveLength(5);
    const reason = new Error("the request of the site's own user is over");
    const aborted = new AbortController();
    const work = client.upsertContact(webchat, { signal: aborted.signal });
    aborted.abort(reason);
    await expect(work).rejects.toBe(reason);
  });

  test("that asks to wait is not asked before, by any call of the client", async () => {
    await using upstream = await flaky([429, 201], { "retry-after": "2" });
    const client = clientOf(upstream.url);
    const began = performance.now();
    await Promise.all([client.upsertContact(webchat), client.upsertContact(webchat)]);
    // The second call may have been under way already: what counts is when the third came.
    const last = upstream.seen.at(-1)?.at ?? 0;
    expect(last - began).toBeGreaterThan(1900);
  });

  test("is not given a second ticket where it may have opened the first", async () => {
    await using upstream = await flaky([500, 201]);
    const client = clientOf(upstream.url);
    expect((await failureOf(client.openTicket("1", {}))).code).toBe("unavailable");
    expect(upstream.seen).toHaveLength(1);
  });

  test("or is somebody else, such as a login page, has taken nothing", { timeout: 120_000 }, async () => {
    await using upstream = await startUpstream(reply(200, "<html>sign in", { "content-type": "text/html" }));
    const error = await failureOf(clientOf(upstream.url).upsertContact(webchat));
    expect(error).toMatchObject({ code: "unavailable", message: expect.stringContaining("check apiUrl") });
  });
});

test("calls go out at the pace, however many are asked for at once", async () => {
  await using upstream = await startUpstream(reply(201));
  const client = createVambeClient({ apiKey, apiUrl: upstream.url, maxRate: 20 });
  await Promise.all(Array.from({ length: 10 }, () => client.upsertContact(webchat)));
  const times = upstream.seen.map(({ at }) => at);
  expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThan(400);
});

test.each<[Record<string, unknown>, string]>([
  [{ apiKey: "" }, "apiKey"],
  [{ apiKey: "a b" }, "apiKey"],
  [{ apiKey, apiUrl: "api.vambe.me" }, "apiUrl"],
  [{ apiKey, apiUrl: "http://api.vambe.me" }, "apiUrl"],
  [{ apiKey, maxRate: 0 }, "maxRate"],
])("an option that is wrong is named: %j", (options, field) => {
  expect(() => createVambeClient(options as { apiKey: string })).toThrow(
    expect.objectContaining({ code: "invalid", errors: [expect.objectContaining({ field })] }),
  );
});
