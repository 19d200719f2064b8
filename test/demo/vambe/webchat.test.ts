import { randomUUID } from "node:crypto";
import jwt from "jsonwebtoken";
import { afterEach, describe, expect, test } from "vitest";
import type { StandInOptions } from "../../../demo/vambe/stand-in.ts";
import type { ChatLine } from "../../../demo/vambe/webchat/tickets.ts";
import { startStandIn, webchat } from "./asking.ts";

const PAGE = "http://localhost:4173";
const SECRET = "the-secret-that-the-dialog-of-the-channel-has";
const CHANNEL = randomUUID();
const ADDRESS: ChatLine = { from: "customer", text: "my new address", at: "2026-01-01T00:00:00.000Z" };
const INVOICE: ChatLine = { from: "customer", text: "my invoice", at: "2026-01-02T00:00:00.000Z" };

let vambe: Awaited<ReturnType<typeof startStandIn>>;
afterEach(() => vambe.goAway());

async function startChat(options: Partial<StandInOptions> = {}) {
  const tickets = { ana: [ADDRESS], bruno: [INVOICE] };
  vambe = await startStandIn({ viewOrigin: PAGE, webchatSecret: SECRET, tickets, ...options });
}

const post = (path: string, body: unknown, origin = PAGE) =>
  fetch(vambe.url + path, {
    method: "POST",
    body: JSON.stringify(body),
    headers: { "content-type": "application/json", origin },
  });

async function open(externalUserId?: unknown, more: Record<string, unknown> = {}) {
  const sent = { clientId: "shop", channelId: CHANNEL, externalUserId, ...more };
  const answer = await post("/webchat/sessions", sent);
  const body = await answer.json();
  if (answer.ok) await post(`/webchat/sessions/${body.session}/show`, {});
  return { status: answer.status, body };
}

const base64url = (part: unknown) => Buffer.from(JSON.stringify(part)).toString("base64url");
const sign = (payload: object, options: jwt.SignOptions = {}, secret = SECRET) =>
  jwt.sign(payload, secret, { algorithm: "HS256", ...options });

describe.each(["sub", "userId", "https://example.com/user.id"])("secured, with the id in %s", (claim) => {
  const start = () => startChat({ webchatIdClaim: claim });

  test("a signed token opens the conversation of the user that it names", async () => {
    await start();
    const token = sign({ [claim]: "ana", name: "Ana Rivera" }, { expiresIn: "1h" });
    expect(await open(token)).toEqual({
      status: 201,
      body: { session: expect.any(String), openedBy: "token", name: "Ana Rivera", lines: [ADDRESS] },
    });
  });

  test.each<[what: string, forge: () => string]>([
    ["another secret", () => sign({ [claim]: "ana" }, {}, "a-secret-that-somebody-else-has-in-the-dialog")],
    [
      "another id put into it",
      () => {
        const [header, , signature] = sign({ [claim]: "bruno" }).split(".");
        return `${header}.${base64url({ [claim]: "ana" })}.${signature}`;
      },
    ],
    ["alg none", () => `${base64url({ alg: "none", typ: "JWT" })}.${base64url({ [claim]: "ana" })}.`],
    [
      "alg none over a signature that is right for HS256",
      () => {
        const [, payload, signature] = sign({ [claim]: "ana" }).split(".");
        return `${base64url({ alg: "none" })}.${payload}.${signature}`;
      },
    ],
    ["another algorithm", () => sign({ [claim]: "ana" }, { algorithm: "HS512" })],
    ["a token that has expired", () => sign({ [claim]: "ana" }, { expiresIn: -1 })],
    ["a token without the claim", () => sign({ name: "ana", [`${claim}s`]: "ana" })],
    ["a claim that is no text", () => sign(claim === "sub" ? { name: "ana" } : { [claim]: ["ana"] })],
    ["an empty id", () => sign({ [claim]: "" })],
    ["a bare id", () => "ana"],
    ["dots alone", () => ".."],
    ["no JSON inside", () => "YQ.YQ.YQ"],
  ])("refused, and no session: %s", async (_, forge) => {
    await start();
    expect(await open(forge())).toEqual({
      status: 401,
      body: {
        statusCode: 401,
        message: "Unauthorized. The user could not be authenticated.",
        error: "Unauthorized",
      },
    });
    expect(vambe.standIn.chatSessions()).toEqual([]);
  });

  test("no user at all opens an anonymous session with an empty conversation", async () => {
    await start();
    for (const nobody of [undefined, null]) {
      expect(await open(nobody)).toMatchObject({
        status: 201,
        body: { openedBy: "nobody", name: null, lines: [] },
      });
    }
  });
});

test("a claim's name is taken as it stands: a dot in it is no way into an object", async () => {
  await startChat({ webchatIdClaim: "user.id" });
  expect(await open(sign({ user: { id: "ana" } }))).toMatchObject({ status: 401 });
  expect(await open(sign({ "user.id": "ana" }))).toMatchObject({ status: 201, body: { lines: [ADDRESS] } });
});

test("not secured, any id is believed as it stands, a token too", async () => {
  await startChat();
  vambe.standIn.setSecured(false);
  expect(await open("bruno")).toMatchObject({
    status: 201,
    body: { openedBy: "id", name: null, lines: [INVOICE] },
  });
  const token = sign({ sub: "ana" });
  expect(await open(token)).toMatchObject({ status: 201, body: { openedBy: "id", lines: [] } });
  expect(vambe.standIn.chatSessions()).toMatchObject([{ user: token }, { user: "bruno" }]);

  vambe.standIn.setSecured(true);
  expect(await open("bruno")).toMatchObject({ status: 401 });
});

test("without a secret the channel is not secured, and cannot be", async () => {
  vambe = await startStandIn({ viewOrigin: PAGE });
  expect(vambe.standIn.chatSecured()).toBe(false);
  expect(() => vambe.standIn.setSecured(true)).toThrow("no JWT secret");
});

test("a conversation is the user's on that channel, and outlives the session", async () => {
  await startChat();
  vambe.standIn.setSecured(false);
  const { body } = await open("ana");
  const said = await post(`/webchat/sessions/${body.session}/lines`, { text: " Are you there? " });
  expect(said.status).toBe(201);
  expect(await said.json()).toMatchObject({ from: "customer", text: "Are you there?" });
  expect((await post(`/webchat/sessions/${body.session}/end`, {})).status).toBe(204);
  expect((await post(`/webchat/sessions/${body.session}/lines`, { text: "again" })).status).toBe(404);

  const texts = async (more: object) =>
    (await open("ana", { ...more })).body.lines.map((l: ChatLine) => l.text);
  expect(await texts({})).toEqual(["my new address", "Are you there?"]);
  expect(await texts({ channelId: CHANNEL.toUpperCase() })).toEqual(["my new address", "Are you there?"]);
  expect(await texts({ channelId: randomUUID() })).toEqual(["my new address"]);
  expect((await open("__proto__")).body.lines).toEqual([]);
});

test("what an anonymous visitor writes is nobody else's to read", async () => {
  await startChat();
  const { body } = await open();
  await post(`/webchat/sessions/${body.session}/lines`, { text: "who am I?" });
  expect((await open()).body.lines).toEqual([]);
});

test("the name is the contact's where there is one, else the token's", async () => {
  await startChat();
  const token = sign({ sub: "ana", name: "What the token says" });
  expect((await open(token)).body.name).toBe("What the token says");
  await vambe.upsert(webchat({ channel_id: CHANNEL, external_user_id: "ana", contact_name: "Ana Rivera" }));
  expect((await open(token)).body.name).toBe("Ana Rivera");
});

test("the agent sees the open sessions, newest first, with what Vambe knows of each", async () => {
  await startChat();
  await open(sign({ sub: "ana" }));
  const { body } = await open();
  await vambe.upsert(
    webchat({
      channel_id: CHANNEL,
      external_user_id: "ana",
      contact_name: "Ana Rivera",
      custom_field_values: [{ key: "plan", value: "pro" }],
    }),
  );
  const view = async () => (await fetch(`${vambe.url}/view`, { headers: { origin: PAGE } })).json();
  const ana = { openedBy: "token", user: "ana", name: "Ana Rivera", plan: "pro", last: ADDRESS };
  expect(await view()).toMatchObject({
    chatSecured: true,
    chatSessions: [{ openedBy: "nobody", user: null, name: null, plan: null, last: null }, ana],
  });
  expect(JSON.stringify(await view())).not.toContain(body.session);
  await post(`/webchat/sessions/${body.session}/end`, {});
  expect((await view()).chatSessions).toMatchObject([ana]);
});

test("a session that no visitor has on the screen is not there for the agent", async () => {
  await startChat();
  const { session } = await (
    await post("/webchat/sessions", { clientId: "shop", channelId: CHANNEL })
  ).json();
  expect(vambe.standIn.chatSessions()).toEqual([]);
  expect((await post(`/webchat/sessions/${session}/show`, {})).status).toBe(204);
  expect(vambe.standIn.chatSessions()).toHaveLength(1);
  expect((await post("/webchat/sessions/made-up/show", {})).status).toBe(404);
});

test.each([
  { clientId: undefined },
  { channelId: "no-uuid" },
  { externalUserId: "" },
  { externalUserId: 7 },
  { externalUserId: { sub: "ana" } },
])("a request that is not right opens nothing: %j", async (wrong) => {
  await startChat();
  expect(await open(undefined, wrong)).toMatchObject({ status: 400, body: { error: "Bad Request" } });
  expect(vambe.standIn.chatSessions()).toEqual([]);
});

test("the sessions are for the site's pages alone, refusals included; the script is for any page", async () => {
  await startChat();
  const allowed = (answer: Response) => answer.headers.get("access-control-allow-origin");
  const ask = { clientId: "shop", channelId: CHANNEL };
  expect(allowed(await post("/webchat/sessions", ask))).toBe(PAGE);
  expect(allowed(await post("/webchat/sessions", { ...ask, externalUserId: "ana" }))).toBe(PAGE);
  const preflight = await fetch(`${vambe.url}/webchat/sessions`, {
    method: "OPTIONS",
    headers: { origin: PAGE },
  });
  expect(preflight.status).toBe(204);
  expect(preflight.headers.get("access-control-allow-headers")).toBe("content-type");
  const stranger = await post("/webchat/sessions", ask, "https://evil.example");
  expect([stranger.status, allowed(stranger)]).toEqual([403, null]);

  const script = await fetch(`${vambe.url}/webchat.js`);
  expect(script.headers.get("content-type")).toBe("text/javascript; charset=utf-8");
  expect(await script.text()).not.toMatch(/^(import|export) /m);
});
