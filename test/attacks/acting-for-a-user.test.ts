import { randomBytes } from "node:crypto";
import { decodeJwt } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startIssuer } from "../support/issuer.ts";
import { tracesIn } from "../support/traces.ts";
import { type Misbehaviour, reply, startUpstream, type Upstream } from "../support/upstream.ts";
import { ORIGIN, startWorld, type World } from "../support/world.ts";

/** Support has logged in as a customer (RFC 8693 §4.1): the customer's record and chat must not take the visit for his. */

let world: World;
beforeAll(async () => {
  world = await startWorld({ environment: { VAMBE_WEBCHAT_SECRET: randomBytes(32).toString("hex") } });
});
afterAll(() => world[Symbol.asyncDispose]());

const traits = { name: "Jane", email: "jane@example.com", plan: "premium" };
const actFor = async (id: string, act: unknown, more = traits) =>
  world.page.identify({ id, ...more }, world.proofFor(id, { ...more, act }));

describe("a proof with an act", () => {
  test("identifies the user and says who acts, in the answer and in the token", async () => {
    const answer = (await actFor("jane", { sub: "support-7" })).identity();
    expect(answer).toMatchObject({ user: { id: "jane", verified: true }, actor: { id: "support-7" } });
    expect(decodeJwt(answer.token)).toMatchObject({ sub: "jane", act: { sub: "support-7" } });
  });

  test("makes no contact, writes no trait, and gives no chat token", async () => {
    const before = tracesIn(world);
    const answer = (await actFor("nobody-yet", { sub: "support-7" })).identity();
    expect(tracesIn(world)).toEqual(before);
    expect(answer).toMatchObject({ status: "unchanged", applied: [] });
    expect(answer.ignored.map(({ trait, reason }) => [trait, reason])).toEqual([
      ["name", "by-actor"],
      ["email", "by-actor"],
      ["plan", "by-actor"],
    ]);
    expect(answer.webchat_token).toBeUndefined();
  });

  test("does not pass for the user's own visit, before or after it", async () => {
    const own = (
      await world.page.identify({ id: "eva", ...traits }, world.proofFor("eva", traits))
    ).identity();
    expect(own.webchat_token).toBeDefined();
    const acted = (await actFor("eva", { sub: "support-7" }, { ...traits, plan: "free" })).identity();
    expect(acted.webchat_token).toBeUndefined();
    expect(acted.token).not.toBe(own.token);
    const again = (
      await world.page.identify({ id: "eva", ...traits }, world.proofFor("eva", traits))
    ).identity();
    expect(again).toMatchObject({ status: "unchanged", applied: ["name", "email", "plan"] });
    expect(again.actor).toBeUndefined();
    expect(decodeJwt(again.token).act).toBeUndefined();
  });

  test.each([
    ["a text", "support-7"],
    ["an empty object", {}],
    ["an object without a sub", { iss: "https://example.com" }],
    ["a list", [{ sub: "support-7" }]],
    ["a sub that is empty", { sub: "" }],
    ["a sub that is an object", { sub: { id: "x" } }],
    ["true", true],
  ])("is refused where it is %s: it might not be the user", async (_, act) => {
    const { slug, errors } = (await actFor("jane", act)).problem();
    expect(slug).toBe("proof-claims");
    expect(errors?.[0]?.field).toMatch(/^act(\.sub)?$/);
  });

  test("of those who acted before says nothing: the present actor counts", async () => {
    const chain = { sub: "support-7", act: { sub: "support-1" } };
    expect((await actFor("jane", chain)).identity().actor).toEqual({ id: "support-7" });
  });

  test("may say more than who it is, and nothing of that counts (RFC 8693 §4.1)", async () => {
    const act = { sub: "support-7", exp: 1, nbf: 9_999_999_999, aud: "elsewhere", name: "Ann", admin: true };
    const { actor, token } = (await actFor("jane", act)).identity();
    expect(actor).toEqual({ id: "support-7" });
    expect(decodeJwt(token).act).toEqual({ sub: "support-7" });
  });

  test("stands in the log as somebody's who acts, without who it is", async () => {
    const identified = () => world.exchange.log().filter(({ event }) => event === "identified");
    await actFor("jane", { sub: "support-7" });
    expect(identified().at(-1)).toMatchObject({ proven_by: "jwt", acting: true });
    await world.signIn("jane");
    expect(identified().at(-1)).not.toHaveProperty("acting");
    expect(world.exchange.output()).not.toContain("support-7");
  });

  test("that is null says what leaving it out does", async () => {
    expect((await actFor("lea", null)).identity().actor).toBeUndefined();
  });

  test("cannot be left out by the page: what it says of an actor is not looked at", async () => {
    const proof = world.proofFor("jane", { act: { sub: "support-7" } });
    const answer = await world.page.identify({ id: "jane", act: null, actor: null }, proof);
    expect(answer.identity().actor).toEqual({ id: "support-7" });
  });
});

test("an ID token with an act, as WorkOS and Clerk write one, is no visit of the user's either", async () => {
  await using issuer = await startIssuer();
  await using other = await startWorld({
    environment: { VAMBE_OIDC_ISSUER: issuer.url, VAMBE_OIDC_AUDIENCE: "client-1" },
  });
  const before = tracesIn(other);
  const proof = await issuer.sign({ sub: "jane", aud: "client-1", act: { sub: "admin@example.com" } });
  const answer = (await other.page.identify({ id: "jane" }, proof)).identity();
  expect(answer.actor).toEqual({ id: "admin@example.com" });
  expect(tracesIn(other)).toEqual(before);
});

describe("a session in which support acts for the user", () => {
  const json = (body: unknown): Misbehaviour =>
    reply(200, JSON.stringify(body), { "content-type": "application/json" });
  let site: Upstream;
  let other: World;
  beforeAll(async () => {
    site = await startUpstream(json({}));
    other = await startWorld({ environment: { VAMBE_SESSION_URL: `${site.url}/me` } });
  });
  afterAll(async () => {
    await other[Symbol.asyncDispose]();
    await site[Symbol.asyncDispose]();
  });
  beforeEach(() => site.behave(json({ user: { id: "jane", name: "Jane", act: { sub: "support-7" } } })));

  let visit = 0;
  const ask = (there = other) => {
    const headers = { origin: ORIGIN, "content-type": "application/json", cookie: `sid=${++visit}` };
    return there.page.identify({ id: "jane" }, undefined, { headers });
  };
  const act = { sub: "support-7" };

  test.each([
    ["in the user", { user: { id: "jane", name: "Jane", act } }],
    ["beside the user", { user: { id: "jane", name: "Jane" }, act }],
    ["in a user beside the id", { id: "jane", user: { id: "jane", act } }],
    ["beside the id", { id: "jane", name: "Jane", act }],
    ["in both places, the same", { user: { id: "jane", act }, act }],
  ])("is told by the endpoint's act, %s", async (_, body) => {
    site.behave(json(body));
    const before = tracesIn(other);
    expect((await ask()).identity()).toMatchObject({ actor: { id: "support-7" }, applied: [] });
    expect(tracesIn(other)).toEqual(before);
  });

  test("is told also where the setting has the id elsewhere", async () => {
    const environment = { VAMBE_SESSION_URL: `${site.url}/me`, VAMBE_SESSION_FIELDS: "id:data.account.uuid" };
    await using mapped = await startWorld({ environment });
    for (const body of [
      { data: { account: { uuid: "jane", act } }, name: "N" },
      { data: { account: { uuid: "jane" } }, act },
    ]) {
      site.behave(json(body));
      expect((await ask(mapped)).identity().actor).toEqual({ id: "support-7" });
    }
    const named = { VAMBE_SESSION_URL: `${site.url}/me`, VAMBE_SESSION_FIELDS: "act:session.impersonator" };
    await using elsewhere = await startWorld({ environment: named });
    site.behave(json({ id: "jane", session: { impersonator: act } }));
    expect((await ask(elsewhere)).identity()).toMatchObject({ actor: { id: "support-7" }, ignored: [] });
  });

  test("is refused where two places name two", async () => {
    site.behave(json({ user: { id: "jane", act }, act: { sub: "support-8" } }));
    expect((await ask()).problem()).toMatchObject({ slug: "proof-claims", errors: [{ field: "act" }] });
  });
});

describe("POST /token", () => {
  const JWT = "urn:ietf:params:oauth:token-type:jwt";
  const ask = (more: Record<string, string>) =>
    world.page.send("/token", {
      method: "POST",
      headers: { origin: ORIGIN, "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({
        grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
        subject_token_type: JWT,
        ...more,
      }).toString(),
    });

  test("with an actor_token gives a token that names both", async () => {
    const before = tracesIn(world);
    const answer = await ask({
      subject_token: world.proofFor("zoe", traits),
      actor_token: world.proofFor("support-7"),
      actor_token_type: JWT,
    });
    expect(answer.status, answer.text).toBe(200);
    const { access_token, webchat_token } = JSON.parse(answer.text);
    expect(decodeJwt(access_token)).toMatchObject({ sub: "zoe", act: { sub: "support-7" } });
    expect(webchat_token).toBeUndefined();
    expect(tracesIn(world)).toEqual(before);
  });

  test.each([
    ["forged", () => world.proofFor("support-7").replace(/[^.]*$/, "AAAA"), {}],
    ["expired", () => world.proofFor("support-7", { exp: 1 }), {}],
    ["made for another service", () => world.proofFor("support-7", { aud: "shop" }), {}],
    ["one in whose name somebody acts himself", () => world.proofFor("b", { act: { sub: "c" } }), {}],
    ["of another type than it says", () => world.proofFor("support-7"), { actor_token_type: "urn:x" }],
    ["without its type", () => world.proofFor("support-7"), { actor_token_type: "" }],
  ])("refuses an actor_token that is %s", async (_, make, changes) => {
    const answer = await ask({
      subject_token: world.proofFor("zoe"),
      actor_token: make(),
      actor_token_type: JWT,
      ...changes,
    });
    expect([answer.status, JSON.parse(answer.text).error]).toEqual([400, "invalid_request"]);
    expect(answer.text).not.toContain('access_token":');
  });

  test("lets only him act whom the subject's may_act names (RFC 8693 §4.4)", async () => {
    const subject_token = world.proofFor("zoe", { may_act: { sub: "support-7" } });
    const as = (who: string) =>
      ask({ subject_token, actor_token: world.proofFor(who), actor_token_type: JWT });
    expect((await as("support-7")).status).toBe(200);
    expect(JSON.parse((await as("support-8")).text).error).toBe("invalid_request");
  });

  test.each([
    ["a text", "support-7"],
    ["a list", [{ sub: "support-7" }]],
    ["an empty object", {}],
    ["true", true],
    ["a sub in a list", { sub: ["support-7"] }],
    ["an issuer that the actor is not of", { sub: "support-7", iss: "https://issuer.example" }],
  ])("lets nobody act where may_act is %s", async (_, may_act) => {
    const answer = await ask({
      subject_token: world.proofFor("zoe", { may_act }),
      actor_token: world.proofFor("support-7"),
      actor_token_type: JWT,
    });
    expect([answer.status, JSON.parse(answer.text).error]).toEqual([400, "invalid_request"]);
  });

  test("refuses an actor_token_type that stands alone", async () => {
    const answer = await ask({ subject_token: world.proofFor("zoe"), actor_token_type: JWT });
    expect(JSON.parse(answer.text)).toMatchObject({ error: "invalid_request" });
  });
});
