import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { API_KEY, startStandIn, webchat, whatsapp } from "./asking.ts";

const PAGE = "http://localhost:4173";
let vambe: Awaited<ReturnType<typeof startStandIn>>;
beforeEach(async () => {
  vambe = await startStandIn({ viewOrigin: PAGE, slowness: 300 });
});
afterEach(() => vambe.goAway());

const control = (path: string, body: object, origin = PAGE) =>
  fetch(`${vambe.url}/control/${path}`, {
    method: "POST",
    body: JSON.stringify(body),
    headers: { "content-type": "application/json", origin },
  });
const setFault = (fault: unknown, origin?: string) => control("fault", { fault }, origin);

describe("faults", () => {
  test.each([
    ["down", 500, "Internal server error"],
    ["quota", 429, "Too Many Requests"],
    ["key", 401, "Unauthorized. Invalid API key."],
    ["field", 400, "Custom field definition keys not found: plan"],
  ] as const)("%s answers %i and writes nothing, until it is over", async (fault, status, message) => {
    const sent = webchat({ custom_field_values: [{ key: "plan", value: "pro" }] });
    expect((await setFault(fault)).status).toBe(200);
    const refused = await vambe.upsert(sent);
    expect(refused).toMatchObject({ status, body: { statusCode: status, message } });
    expect(refused.headers.get("retry-after")).toBe(fault === "quota" ? "5" : null);
    expect(vambe.standIn.contacts()).toEqual([]);

    await setFault("normal");
    expect(await vambe.upsert(sent)).toMatchObject({ status: 201 });
  });

  test("slow takes its time and then does what it was asked", async () => {
    vambe.standIn.setFault("slow");
    const began = performance.now();
    expect(await vambe.upsert(webchat())).toMatchObject({ status: 201 });
    expect(performance.now() - began).toBeGreaterThan(250);
  });

  test("a fault that does not exist is refused", async () => {
    expect((await setFault("flood")).status).toBe(400);
    expect(vambe.standIn.fault()).toBe("normal");
  });
});

describe("a customer who is deleted", () => {
  const jane = [{ key: "user_id", value: "user-1" }];
  const customerId = () => vambe.standIn.contacts()[0]?.contact.ai_customer_id;

  test("is gone on each channel, and is another one afterwards", async () => {
    await vambe.upsert(webchat({ custom_field_values: jane }));
    await vambe.upsert(whatsapp({ custom_field_values: jane }));
    await vambe.upsert(webchat({ external_user_id: "user-2" }));
    const customer = customerId();
    expect((await control("delete", { customer })).status).toBe(200);
    expect(vambe.standIn.contacts()).toMatchObject([{ external_user_id: "user-2" }]);
    expect((await control("delete", { customer })).status).toBe(404);

    await vambe.upsert(webchat({ custom_field_values: jane }));
    const [, again] = vambe.standIn.contacts();
    expect(again).toMatchObject({ external_user_id: "user-1", fields: { user_id: "user-1" } });
    expect(again?.contact.ai_customer_id).not.toBe(customer);
  });

  test("is deleted by the demo's page alone, and is not in the contract", async () => {
    await vambe.upsert(webchat());
    const customer = customerId();
    expect((await control("delete", { customer }, "https://evil.example")).status).toBe(403);
    expect(vambe.standIn.contacts()).toHaveLength(1);
    await using contract = await startStandIn();
    const answer = await fetch(`${contract.url}/control/delete`, { method: "POST", body: "{}" });
    expect(answer.status).toBe(404);
  });
});

describe("the view", () => {
  const look = async () => (await fetch(`${vambe.url}/view`, { headers: { origin: PAGE } })).json();

  test("shows contacts and upserts, and never the key", async () => {
    await vambe.upsert(webchat({ contact_name: "Jane" }));
    await vambe.upsert(webchat({ channel_id: undefined }));
    const view = await look();
    expect(view).toMatchObject({
      fault: "normal",
      contacts: [{ contact: { name: "Jane" }, external_user_id: "user-1", fields: {} }],
      identifiers: ["user_id", "rut"],
      upserts: [
        { seq: 1, status: 201, message: null, body: { contact_name: "Jane" } },
        { seq: 2, status: 400, message: "Missing required fields for webchat: channel_id" },
      ],
    });
    expect(JSON.stringify(view)).not.toContain(API_KEY);
  });

  test("tells of an upsert when it arrives and again when it is answered", async () => {
    vambe.standIn.setFault("slow");
    const events = await fetch(`${vambe.url}/view/events`, { headers: { origin: PAGE } });
    const reader = events.body?.pipeThrough(new TextDecoderStream()).getReader();
    const next = async () => JSON.parse((await reader?.read())?.value?.replace("data: ", "") ?? "").upserts;
    expect(await next()).toEqual([]);
    const answer = vambe.upsert(webchat());
    expect(await next()).toMatchObject([{ status: null }]);
    expect(await next()).toMatchObject([{ status: 201 }]);
    await answer;
    await reader?.cancel();
  });

  test("says when the caller had hung up", async () => {
    vambe.standIn.setFault("slow");
    const hangUp = new AbortController();
    const call = fetch(`${vambe.url}/api/public/customer/upsert/info`, {
      method: "POST",
      body: JSON.stringify(webchat()),
      headers: { "content-type": "application/json", "x-api-key": API_KEY },
      signal: hangUp.signal,
    }).catch(() => {});
    await expect.poll(() => vambe.standIn.upserts(), { timeout: 5000 }).toHaveLength(1);
    hangUp.abort();
    await call;
    await expect.poll(look, { timeout: 5000 }).toMatchObject({ upserts: [{ status: 201, abandoned: true }] });
  });

  test("belongs to the demo's page: another origin sees nothing and changes nothing", async () => {
    const headers = { origin: "https://evil.example" };
    const answer = await fetch(`${vambe.url}/view`, { headers });
    expect(answer.status).toBe(403);
    expect(answer.headers.get("access-control-allow-origin")).toBeNull();
    expect((await setFault("down", "https://evil.example")).status).toBe(403);
    expect(vambe.standIn.fault()).toBe("normal");
  });

  test("the contract's own route is open to no page at all", async () => {
    const answer = await vambe.post(JSON.stringify(webchat()), { origin: PAGE });
    expect(answer.headers.get("access-control-allow-origin")).toBeNull();
  });
});
