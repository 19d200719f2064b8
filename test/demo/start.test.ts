import { createServer } from "node:http";
import jwt from "jsonwebtoken";
import { afterEach, expect, test } from "vitest";
import { openPort } from "../../demo/port.ts";
import { type Demo, startDemo } from "../../demo/start.ts";

const ANY = { site: 0, exchange: 0, vambe: 0 };
let demo: Demo | undefined;
afterEach(() => demo?.close());

async function logInAndIdentify({ siteUrl, exchangeUrl }: Demo, id: string) {
  const headers = { "content-type": "application/json", origin: siteUrl };
  const post = async (url: string, body: unknown) =>
    (await fetch(url, { method: "POST", body: JSON.stringify(body), headers })).json();
  const { user } = await post(`${siteUrl}/login`, { user: id });
  return post(`${exchangeUrl}/identify`, { user: { id }, proof: user.proof });
}

test("a login at the site becomes a contact at the stand-in", async () => {
  demo = await startDemo({ ports: ANY });
  expect(await logInAndIdentify(demo, "user-ana-01")).toMatchObject({ status: "delivered" });
  expect(demo.vambe.contacts()).toMatchObject([
    {
      contact: { name: "Ana Rivera", email: "ana@example.com", platform: "webchat" },
      external_user_id: "user-ana-01",
      channel_id: demo.secrets.channelId,
      meta_data: { source: "vambe-identity" },
      fields: { plan: "free" },
    },
  ]);
  // Settings as they should be are warned of nothing.
  expect(demo.logs.join("")).not.toMatch(/"level":"(warn|error)"/);
});

test("who has a phone is a contact on WhatsApp too, and both are one customer", async () => {
  demo = await startDemo({ ports: ANY });
  expect(await logInAndIdentify(demo, "user-bruno-02")).toMatchObject({
    status: "delivered",
    applied: expect.arrayContaining(["phone"]),
    ignored: [],
  });
  await expect.poll(demo.vambe.contacts).toHaveLength(2);
  const on = (platform: string) =>
    demo?.vambe.contacts().find(({ contact }) => contact.platform === platform);
  const webchat = on("webchat");
  expect(webchat).toMatchObject({ external_user_id: "user-bruno-02", contact: { phone: null } });
  expect(on("whatsapp")).toMatchObject({
    contact: {
      name: "Bruno Costa",
      phone: "+5541900001234",
      ai_customer_id: webchat?.contact.ai_customer_id,
    },
    external_user_id: null,
    fields: { user_id: "user-bruno-02", plan: "pro" },
  });
  expect(demo.logs.join("")).not.toMatch(/"level":"(warn|error)"/);
});

test("what was queued survives the exchange being killed, on each channel", async () => {
  demo = await startDemo({ ports: ANY });
  demo.vambe.setFault("down");
  expect(await logInAndIdentify(demo, "user-bruno-02")).toMatchObject({ status: "queued" });
  await demo.killExchange();
  demo.vambe.setFault("normal");
  await demo.restartExchange();
  await expect.poll(demo.vambe.contacts, { timeout: 20_000 }).toHaveLength(2);
  const fields = { user_id: "user-bruno-02", plan: "pro" };
  expect(demo.vambe.contacts()).toEqual(
    expect.arrayContaining([
      expect.objectContaining({
        external_user_id: "user-bruno-02",
        fields: expect.objectContaining(fields),
      }),
      expect.objectContaining({
        contact: expect.objectContaining({ platform: "whatsapp" }),
        fields: expect.objectContaining(fields),
      }),
    ]),
  );
});

test("Vambe's option and the exchange's setting go together: a chat token where both are there, none where not", async () => {
  demo = await startDemo({ ports: ANY });
  const { webchat_token } = await logInAndIdentify(demo, "user-ana-01");
  expect(jwt.verify(webchat_token, demo.secrets.webchatSecret)).toMatchObject({ sub: "user-ana-01" });

  await Promise.all([demo.setChatSecured(true), demo.setChatSecured(false)]);
  expect(demo.vambe.chatSecured()).toBe(false);
  expect(await logInAndIdentify(demo, "user-ana-01")).not.toHaveProperty("webchat_token");
});

test("an exchange that cannot start says why", async () => {
  await expect(startDemo({ ports: ANY, database: "/nowhere/at/all.db" })).rejects.toThrow(
    /The exchange has stopped \(exit code 1\)[\s\S]*VAMBE_DATABASE_URL/,
  );
});

test("a port that is taken gives way to the next", async () => {
  const free = await openPort(0);
  await free.close();
  const other = createServer().listen(free.port, "127.0.0.1");
  const next = await openPort(free.port);
  expect(next.port).toBe(free.port + 1);
  await next.close();
  other.close();
});
