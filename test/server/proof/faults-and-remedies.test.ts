import { createHmac } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AppUser } from "../../../server/proof/app-user.ts";
import { mountExchange } from "../../support/mounted-exchange.ts";
import { base64url, inSeconds, signJwt } from "../../support/proofs.ts";
import { type Misbehaviour, reply, startUpstream, type Upstream } from "../../support/upstream.ts";
import { ORIGIN, startWorld, type World } from "../../support/world.ts";

/** What a developer has done wrong → what the answer says of it → what he is told to do. */

const HEX = "00112233445566778899aabbccddeeff".repeat(2);
let world: World;
let site: Upstream;
let bySession: World;
beforeAll(async () => {
  world = await startWorld({ environment: { VAMBE_IDENTITY_SECRET: HEX } });
  site = await startUpstream(reply(401, "{}"));
  bySession = await startWorld({ environment: { VAMBE_SESSION_URL: `${site.url}/me` } });
});
afterAll(async () => {
  for (const each of [world, bySession, site]) await each[Symbol.asyncDispose]();
});

/** The answer's detail, with the fields that it names, and the remedy on the problem's page. */
async function toldOf(answer: Awaited<ReturnType<World["page"]["identify"]>>, there = world) {
  const { slug, detail, errors = [] } = answer.problem();
  const page = await there.page.send(`/problems/${slug}`, {});
  const text = page.text
    .replace(/<[^>]+>/g, " ")
    .replace(/&#39;|&quot;|&gt;|&lt;|&amp;/g, " ")
    .replace(/\s+/g, " ");
  return {
    slug,
    detail: [detail, ...errors.map(({ field, detail }) => `${field} ${detail}`)].join(" "),
    remedy: text,
  };
}

const claims = (changes = {}) => ({
  sub: "u",
  aud: "vambe-identity",
  iat: inSeconds(0),
  exp: inSeconds(600),
  ...changes,
});
function signedWith(key: string | Buffer, said = claims()) {
  const signed = `${base64url({ alg: "HS256", typ: "JWT" })}.${base64url(said)}`;
  return `${signed}.${createHmac("sha256", key).update(signed).digest("base64url")}`;
}

describe("a proof", () => {
  test.each<[string, () => string, RegExp, RegExp]>([
    [
      "a backend whose clock is five minutes ahead",
      () => signJwt(claims({ iat: inSeconds(300), exp: inSeconds(900) }), HEX),
      /`iat` is (29\d|30\d) seconds ahead of the exchange's clock/,
      /clock/,
    ],
    [
      "the same with nbf",
      () => signJwt(claims({ iat: undefined, nbf: inSeconds(300), exp: inSeconds(900) }), HEX),
      /`nbf` is (29\d|30\d) seconds ahead of the exchange's clock/,
      /clock/,
    ],
    [
      "a backend whose clock is behind",
      () => signJwt(claims({ iat: inSeconds(-700), exp: inSeconds(-100) }), HEX),
      /`exp` passed (9\d|10\d) seconds ago by the exchange's clock/,
      /clock/,
    ],
    ["no exp", () => signJwt(claims({ exp: undefined }), HEX), /`exp` is missing/, /seconds since the epoch/],
    [
      "exp in milliseconds",
      () => signJwt(claims({ exp: inSeconds(600) * 1000 }), HEX),
      /`exp` is in milliseconds/,
      /Milliseconds are a common mistake/,
    ],
    [
      "exp as text",
      () => signJwt(claims({ exp: String(inSeconds(600)) }), HEX),
      /`exp` is not a number/,
      /seconds since the epoch/,
    ],
    [
      "the secret decoded from hex",
      () => signedWith(Buffer.from(HEX, "hex")),
      /verifies with the secret decoded from hex/,
      /as it stands/,
    ],
    [
      "the secret decoded from base64",
      () => signedWith(Buffer.from(HEX, "base64")),
      /verifies with the secret decoded from base64/,
      /as it stands/,
    ],
    [
      "the secret with the end of its line",
      () => signedWith(`${HEX}\n`),
      /verifies with the secret and a line break behind it/,
      /as it stands/,
    ],
    [
      "the secret in its quotes",
      () => signedWith(`"${HEX}"`),
      /verifies with the secret in quotes/,
      /as it stands/,
    ],
    [
      "another secret",
      () => signedWith("another-secret-that-is-long-enough-to-be-one"),
      /No secret of this exchange verifies/,
      /VAMBE_IDENTITY_SECRET/,
    ],
    ["no aud", () => signJwt(claims({ aud: undefined }), HEX), /`aud` must be "vambe-identity"/, /aud/],
    ["no sub", () => signJwt(claims({ sub: undefined }), HEX), /sub is required/, /must be the user/],
  ])("%s", async (_, make, detail, remedy) => {
    const told = await toldOf(await world.page.identify({ id: "u" }, make()));
    expect(told.detail).toMatch(detail);
    expect(told.remedy).toMatch(remedy);
    expect(told.detail).not.toContain(HEX);
  });

  test("the whole list of secrets used as one", async () => {
    const list = `${HEX},another-secret-that-is-long-enough-to-be-one`;
    await using other = await startWorld({ environment: { VAMBE_IDENTITY_SECRET: list } });
    const told = await toldOf(await other.page.identify({ id: "u" }, signedWith(list)), other);
    expect(told.detail).toMatch(/verifies with the whole comma-separated list/);
  });
});

describe("a session", () => {
  const json = (body: unknown, type = "application/json"): Misbehaviour =>
    reply(200, JSON.stringify(body), { "content-type": type });
  let visit = 0;
  const ask = (cookie: string | undefined, there = bySession) =>
    there.page.identify({ id: "u" }, undefined, {
      headers: { origin: ORIGIN, "content-type": "application/json", ...(cookie ? { cookie } : {}) },
    });
  const visitor = () => `sid=${++visit}`;

  test("no cookie", async () => {
    const told = await toldOf(await ask(undefined), bySession);
    expect(told.detail).toMatch(/no cookie came with the request/);
    expect(told.remedy).toMatch(/data-credentials/);
  });

  test("NextAuth's session as it is by default, without an id", async () => {
    site.behave(json({ user: { name: "Jane", email: "jane@example.com" }, expires: "2027-01-01" }));
    const told = await toldOf(await ask(visitor()), bySession);
    expect(told.detail).toMatch(/without an id .* It has: user\.name, user\.email\. .*VAMBE_SESSION_FIELDS/);
    expect(told.detail).not.toContain("jane@");
    // Whoever is called the same would be one customer.
    expect(told.detail).not.toMatch(/such as id:/);
  });

  test("an id under another name is proposed, and nothing else is", async () => {
    site.behave(json({ role: "admin", uuid: "1234", name: "Jane" }));
    expect((await toldOf(await ask(visitor()), bySession)).detail).toMatch(/such as id:uuid\./);
  });

  test("a wrong JSON path", async () => {
    const environment = { VAMBE_SESSION_URL: `${site.url}/me`, VAMBE_SESSION_FIELDS: "id:data.user.uid" };
    await using wrong = await startWorld({ environment });
    site.behave(json({ data: { user: { id: "u" } }, status: "ok" }));
    const told = await toldOf(await ask(visitor(), wrong), wrong);
    expect(told.detail).toMatch(
      /`data\.user\.uid`, where VAMBE_SESSION_FIELDS looks for it\. It has: data, status/,
    );
  });

  test("nobody who is signed in is told as before", async () => {
    for (const body of [
      {},
      null,
      { user: null },
      { user: false },
      { user: [] },
      { id: false },
      { authenticated: false, ok: true },
      { error: "Unauthenticated." },
      { id: 0, name: "guest" },
    ]) {
      site.behave(json(body));
      expect((await toldOf(await ask(visitor()), bySession)).detail).toMatch(/knows no signed-in user/);
    }
  });

  test("JSON of another content type", async () => {
    site.behave(json({ id: "u" }, "text/html"));
    const told = await toldOf(await ask(visitor()), bySession);
    expect(told).toMatchObject({ slug: "issuer-unavailable" });
    expect(told.remedy).toMatch(/log names the cause/);
    await expect
      .poll(() => bySession.exchange.output())
      .toContain("JSON, but its Content-Type is not application/json");
  });
});

describe("authenticate", () => {
  const identify = async (user: AppUser | null) => {
    await using app = await mountExchange({ authenticate: () => user });
    const response = await app.identify({ user: { id: "u" } });
    return { status: response.status, body: await response.json() };
  };

  test("a date in its fields is one, as in signUser", async () => {
    const since = new Date("2026-05-04T00:00:00Z");
    const { status, body } = await identify({ id: "u", fields: { since } });
    expect(status).toBe(200);
    expect(body.ignored).toEqual([{ trait: "since", reason: "not-in-fields-setting" }]);
  });

  test("an object of a class, as models of a database are, says as much as any other", async () => {
    class Model {
      readonly #row = { id: 7, name: "Jane", plan: "pro" };
      get id() {
        return this.#row.id;
      }
      get name() {
        return this.#row.name;
      }
      get plan() {
        return this.#row.plan;
      }
    }
    await using app = await mountExchange({ authenticate: () => new Model() });
    const { applied } = await (await app.identify({ user: { id: 7 } })).json();
    expect(applied).toEqual(["name", "plan"]);
  });

  test("a hundred thousand fields are left out without naming them all", async () => {
    const fields = Object.fromEntries(Array.from({ length: 100_000 }, (_, number) => [`f${number}`, "x"]));
    const { body } = await identify({ id: "u", fields });
    expect(body.ignored.length).toBeLessThan(100);
  });

  test("a date that is none is left out and named", async () => {
    const { body } = await identify({ id: "u", fields: { since: new Date("soon") } });
    expect(body.ignored).toEqual([{ trait: "since", reason: "not-valid" }]);
  });

  test("nobody signed in says that it was the app's answer", async () => {
    const { body } = await identify(null);
    expect(body.detail).toMatch(/`authenticate` knows no signed-in user/);
  });
});
