import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type RunningIssuer, startIssuer } from "../../../support/issuer.ts";
import { proverFor } from "./prover.ts";

describe("of an ID token's claims, the plan", () => {
  let issuer: RunningIssuer;
  beforeAll(async () => {
    issuer = await startIssuer();
  });
  afterAll(() => issuer[Symbol.asyncDispose]());

  test.each([
    [
      "the claim of that name, before all others",
      { plan: "a", "custom:plan": "b", app_metadata: { plan: "c" } },
      "a",
    ],
    ["a claim in a name space", { "https://shop.example.com/plan": "b", app_metadata: { plan: "c" } }, "b"],
    ["app_metadata's", { app_metadata: { plan: "c" } }, "c"],
    ["none of two in name spaces", { "https://a.example/plan": "a", "custom:plan": "b" }, undefined],
    ["not the user's own", { user_metadata: { plan: "x" }, unsafe_metadata: { plan: "x" } }, undefined],
    ["no claim that only ends alike", { floorplan: "x", "x-plan": "x" }, undefined],
    ["no claim that only begins alike", { "https://shop.example.com/planet": "x" }, undefined],
    ["none where app_metadata is no object", { app_metadata: "plan" }, undefined],
  ])("is %s", async (_, claims, plan) => {
    const proven = await proverFor(issuer)(await issuer.sign(claims));
    expect(proven?.traits.plan).toBe(plan);
  });

  test.each([false, "false", "no", 0, null])(
    "an email with email_verified %j is none",
    async (email_verified) => {
      const proven = await proverFor(issuer)(
        await issuer.sign({ email: "jane@example.com", email_verified }),
      );
      expect(proven?.traits.email).toBeUndefined();
    },
  );

  test.each([true, "true", 1, "1"])("an email with email_verified %j is one", async (email_verified) => {
    const proven = await proverFor(issuer)(await issuer.sign({ email: "jane@example.com", email_verified }));
    expect(proven).toMatchObject({ traits: { email: "jane@example.com" }, ignored: [] });
  });

  test("an email that is none is not told to be unverified", async () => {
    for (const email of [undefined, null, "", 7]) {
      const proven = await proverFor(issuer)(await issuer.sign({ email }));
      expect(proven?.ignored).toEqual([]);
      expect(proven?.traits.email).toBeUndefined();
    }
  });

  test("custom fields are proven as in our own proofs", async () => {
    const proven = await proverFor(issuer)(await issuer.sign({ fields: { seats: 3 } }));
    expect(proven?.traits.fields).toEqual({ seats: "3" });
  });
});

describe("where the id is a phone number", () => {
  test("it has to be verified, and what is said of emails is not said of it", async () => {
    await using issuer = await startIssuer();
    const phone_number = "+56912345678";
    const refused = { slug: "proof-claims", errors: [{ field: "phone_number_verified" }] };
    for (const trustEmail of [false, true]) {
      const prove = proverFor(issuer, { idClaim: "phone_number", trustEmail });
      for (const more of [{}, { phone_number_verified: false }, { email_verified: true }]) {
        await expect(prove(await issuer.sign({ phone_number, ...more }))).rejects.toMatchObject(refused);
      }
      const proven = await prove(await issuer.sign({ phone_number, phone_number_verified: true }));
      expect(proven).toMatchObject({ id: phone_number });
    }
  });
});
