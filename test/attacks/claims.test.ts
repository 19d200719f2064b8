import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { inSeconds, signJwt } from "../support/proofs.ts";
import { tracesIn } from "../support/traces.ts";
import { startWorld, type World } from "../support/world.ts";

/** A true proof is shown for something that it does not say. */

type Json = Record<string, unknown>;

let world: World;
beforeAll(async () => {
  world = await startWorld({
    environment: { VAMBE_FIELDS: "plan,seats" },
    vambe: { fields: [{ key: "plan" }, { key: "seats" }] },
  });
});
afterAll(() => world[Symbol.asyncDispose]());

async function expectRefused(user: Json, proof: unknown, slug: string) {
  const before = tracesIn(world);
  const answer = await world.page.identify(user, proof);
  expect(answer.problem().slug).toBe(slug);
  expect(tracesIn(world)).toEqual(before);
  return answer;
}
const contact = (id: string) =>
  world.vambe.standIn
    .upserts()
    .map(({ body }) => Object(body))
    .findLast(({ external_user_id }) => external_user_id === id);

describe("aud", () => {
  test.each<[string, unknown]>([
    ["missing", undefined],
    ["null", null],
    ["empty", ""],
    ["another service", "another-service"],
    ["the page's origin, as our own tokens have it", "https://shop.example.com"],
    ["a name that begins the same", "vambe-identity.evil.example"],
    ["a name that ends the same", "not-vambe-identity"],
    ["in capitals", "VAMBE-IDENTITY"],
    ["with a blank", "vambe-identity "],
    ["several in one text", "shop,vambe-identity"],
    ["several in one text, with blanks", "shop vambe-identity"],
    ["a pattern", "*"],
    ["look-alike letters", "v\u0430mbe-identity"],
    ["an empty list", []],
    ["a list without it", ["shop", "billing"]],
    ["a list in a list", [["vambe-identity"]]],
    ["a list with nothing", [null]],
    ["an object", { "vambe-identity": true }],
    ["true", true],
  ])("%s: the proof was made for somebody else", async (_, aud) => {
    await expectRefused({ id: "jane" }, world.proofFor("jane", { aud }), "proof-audience");
  });

  test("a list with it among others: the proof was made for us too", async () => {
    const proof = world.proofFor("jane", { aud: ["shop", "vambe-identity"] });
    expect((await world.page.identify({ id: "jane" }, proof)).status).toBe(200);
  });
});

test("an iss that names an issuer lends a backend's proof nothing: it is still judged by the secret alone", async () => {
  for (const iss of ["https://issuer.example.com", world.exchange.url, "", null, 1, ["x"]]) {
    const forged = signJwt({ sub: "admin", aud: "vambe-identity", exp: inSeconds(60), iss }, "x".repeat(32));
    await expectRefused({ id: "admin" }, forged, "proof-signature");
  }
});

describe("sub unlike the page's id", () => {
  test.each([
    ["another user", "jane", "admin"],
    ["an id that begins the same", "jane", "jane-2"],
    ["an id that ends the same", "jane", "mary-jane"],
    ["other case", "jane", "Jane"],
    ["another spelling of a number", "1", "01"],
    ["a number and its decimals", "1", "1.0"],
    ["a number and its sign", "1", "+1"],
    ["one and minus one", "1", "-1"],
    ["a number and its exponent", "1000", "1e3"],
    ["a hexadecimal number", "16", "0x10"],
  ])("%s: neither proves the other", async (_, one, other) => {
    await expectRefused({ id: other }, world.proofFor(one), "proof-other-user");
    await expectRefused({ id: one }, world.proofFor(other), "proof-other-user");
  });

  test.each([undefined, null, "", " ", true, false, [], ["jane"], {}, { id: "jane" }])(
    "a sub of %j proves nobody",
    async (sub) => {
      await expectRefused({ id: "jane" }, world.proofFor(sub), "proof-claims");
      const { errors } = (await world.page.identify({ id: "jane" }, world.proofFor(sub))).problem();
      expect(errors?.map(({ field }) => field)).toEqual(["sub"]);
    },
  );

  test("the id in another claim does not stand in for the sub", async () => {
    const beside = { id: "admin", user_id: "admin", uid: "admin", user: { id: "admin" }, email: "admin" };
    await expectRefused({ id: "admin" }, world.proofFor("jane", beside), "proof-other-user");
    await expectRefused({ id: "admin" }, world.proofFor(undefined, beside), "proof-claims");
  });
});

describe("what the page says beside a signed proof", () => {
  test("an unsigned email and plan go nowhere, and the answer says so", async () => {
    const user = {
      id: "u-1",
      email: "boss@example.com",
      plan: "enterprise",
      name: "Boss",
      fields: { seats: 500 },
    };
    const { applied, ignored } = (await world.page.identify(user, world.proofFor("u-1"))).identity();
    expect(applied).toEqual([]);
    expect(ignored.map(({ trait, reason }) => `${trait} ${reason}`).sort()).toEqual([
      "email unproven",
      "name unproven",
      "plan unproven",
      "seats unproven",
    ]);
    expect(JSON.stringify(contact("u-1"))).not.toMatch(/boss|enterprise|500/i);
  });

  test("another plan than the signed one gives way to it", async () => {
    const proof = world.proofFor("u-2", { plan: "free", email: "jane@example.com", fields: { seats: 1 } });
    const user = { id: "u-2", plan: "enterprise", email: "boss@example.com", fields: { seats: 500 } };
    const { applied, ignored } = (await world.page.identify(user, proof)).identity();
    expect(applied.sort()).toEqual(["email", "plan", "seats"]);
    expect(ignored.map(({ trait, reason }) => `${trait} ${reason}`).sort()).toEqual([
      "email differs-from-proof",
      "plan differs-from-proof",
      "seats differs-from-proof",
    ]);
    expect(contact("u-2")).toMatchObject({
      contact_email: "jane@example.com",
      custom_field_values: expect.arrayContaining([
        { key: "plan", value: "free" },
        { key: "seats", value: "1" },
      ]),
    });
    expect(JSON.stringify(contact("u-2"))).not.toMatch(/boss|enterprise|500/);
  });

  test("a plan smuggled in as a custom field, or by another spelling, goes nowhere either", async () => {
    const proof = world.proofFor("u-3", { plan: "free" });
    for (const beside of [
      { fields: { plan: "enterprise" } },
      { Plan: "enterprise" },
      { "plan ": "enterprise" },
      { custom_field_values: [{ key: "plan", value: "enterprise" }] },
      { meta_data: { plan: "enterprise" } },
      { verified: false, external_user_id: "enterprise", channel_id: "enterprise" },
    ]) {
      const answer = await world.page.identify({ id: "u-3", ...beside }, proof);
      expect(answer.identity()).toMatchObject({ user: { id: "u-3", verified: true }, applied: ["plan"] });
      expect(answer.identity().ignored.length).toBeGreaterThan(0);
    }
    expect(JSON.stringify(world.vambe.standIn.upserts())).not.toContain("enterprise");
    expect(contact("u-3")).toMatchObject({ custom_field_values: [{ key: "plan", value: "free" }] });
  });

  test("an email or plan of a kind that is no text goes nowhere; signed, it refuses nobody", async () => {
    for (const value of [1, true, {}, [], ["x"]]) {
      for (const trait of ["name", "email", "plan"]) {
        await expectRefused({ id: "u-4", [trait]: value }, world.proofFor("u-4"), "invalid-user");
        const answer = await world.page.identify({ id: "u-4" }, world.proofFor("u-4", { [trait]: value }));
        expect(answer.identity()).toMatchObject({
          user: { id: "u-4", verified: true },
          applied: [],
          ignored: [{ trait, reason: "not-valid" }],
        });
      }
    }
    const { contact_name, contact_email, custom_field_values } = contact("u-4");
    expect([contact_name, contact_email, custom_field_values]).toEqual([undefined, undefined, undefined]);
  });

  test("a true proof in another place than `proof` counts for nothing", async () => {
    const proof = world.proofFor("u-5");
    await expectRefused({ id: "u-5", proof }, undefined, "proof-missing");
    await expectRefused({ id: "u-5", token: proof, fields: { proof } }, undefined, "proof-missing");
    const headers = { origin: "https://shop.example.com", "content-type": "application/json" };
    const inHeaders = { ...headers, authorization: `Bearer ${proof}`, cookie: `proof=${proof}` };
    const answer = await world.page.identify({ id: "u-5" }, undefined, { headers: inHeaders });
    expect(answer.problem().slug).toBe("proof-missing");
  });
});
