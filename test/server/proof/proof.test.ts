import { describe, expect, test } from "vitest";
import { proveByJwt } from "../../../server/proof/jwt.ts";
import { type ProofPolicy, prove } from "../../../server/proof/proof.ts";
import { identifyRequest } from "../../../server/protocol.ts";
import { signProof } from "../../support/proofs.ts";
import { outcomeOf } from "../../support/refusal.ts";

const SECRET = "0123456789abcdef0123456789abcdef";
const request = new Request("https://id.example.com/identify", { method: "POST" });
const strict: ProofPolicy = {
  kinds: [proveByJwt([SECRET])],
  nothingCame: "nothing came that says who it is",
  allowUnverified: false,
  unprovenTraits: "ignore",
};
const open: ProofPolicy = { ...strict, allowUnverified: true };
const apply: ProofPolicy = { ...open, unprovenTraits: "apply" };

/** The page says `said`; its backend has signed `signed`, or nothing. */
function weigh(said: object, signed: object | undefined, policy = strict) {
  const user = identifyRequest.parse({ user: { id: "u1", ...said } }).user;
  const proof = signed === undefined ? undefined : signProof(SECRET, "u1", { ...signed });
  return prove({ user, request, proof }, policy);
}

describe("who it is", () => {
  test("the id of the page and the sub of the proof have to be the same", async () => {
    const proof = signProof(SECRET, "u2");
    expect(await outcomeOf(prove({ user: { id: "u1" }, request, proof }, strict))).toBe("proof-other-user");
    expect(await outcomeOf(prove({ user: { id: "U2" }, request, proof }, strict))).toBe("proof-other-user");
  });

  test("a number and its digits are the same id", async () => {
    const { user } = identifyRequest.parse({ user: { id: 42 } });
    expect(await prove({ user, request, proof: signProof(SECRET, "42") }, strict)).toMatchObject({
      user: { id: "42", verified: true },
    });
  });

  test("without a proof nobody is believed, unless the settings allow it", async () => {
    expect(await outcomeOf(weigh({}, undefined))).toBe("proof-missing");
    expect(await weigh({}, undefined, open)).toMatchObject({ user: { id: "u1", verified: false } });
    expect(await outcomeOf(prove({ user: {}, request, proof: undefined }, open))).toBe("proof-missing");
  });

  test("a bad proof is refused even where none is needed", async () => {
    const proof = signProof("x".repeat(32), "u1");
    expect(await outcomeOf(prove({ user: { id: "u1" }, request, proof }, open))).toBe("proof-signature");
    expect(await outcomeOf(prove({ user: { id: "u1" }, request, proof: "" }, open))).toBe("proof-malformed");
  });

  test("a proof that nothing here can check is refused, and not taken for none", async () => {
    const nothing = { ...open, kinds: [proveByJwt([])] };
    expect(
      await outcomeOf(prove({ user: { id: "u1" }, request, proof: signProof(SECRET, "u1") }, nothing)),
    ).toBe("proof-malformed");
  });
});

describe("what counts", () => {
  test("is what is signed, whether the page says it or not", async () => {
    const signed = { name: "Jane", plan: "pro", fields: { seats: "3" } };
    expect(await weigh({}, signed)).toMatchObject({ user: { traits: signed }, ignored: [] });
    expect(await weigh(signed, signed)).toMatchObject({ user: { traits: signed }, ignored: [] });
  });

  test("is not what the page says beside it: that is listed, with the reason", async () => {
    const { user, ignored } = await weigh(
      { name: "Mallory", email: "m@example.com", plan: "enterprise", fields: { seats: "99", vip: true } },
      { name: "Jane", fields: { seats: 3 } },
    );
    expect(user.traits).toEqual({ name: "Jane", fields: { seats: "3" } });
    expect(new Set(ignored.map(({ trait, reason }) => `${trait} ${reason}`))).toEqual(
      new Set([
        "name differs-from-proof",
        "email unproven",
        "plan unproven",
        "seats differs-from-proof",
        "vip unproven",
      ]),
    );
  });

  test("is not what is odd in the proof: that is listed once, for what it is, whatever the page says", async () => {
    const signed = { plan: ["premium"], fields: { seats: {} } };
    const { ignored } = await weigh({ name: "x", plan: "enterprise", fields: { seats: "99" } }, signed);
    expect(ignored).toEqual([
      { trait: "plan", reason: "not-valid" },
      { trait: "seats", reason: "not-valid" },
      { trait: "name", reason: "unproven" },
    ]);
  });

  test("as the user is shown to himself is what is proven alone", async () => {
    const shown = async (said: object, signed: object) => (await weigh(said, signed, apply)).user.shown;
    expect((await shown({ name: "Mallory", plan: "enterprise" }, {}))?.name).toBeUndefined();
    expect((await shown({ name: "Mallory", plan: "enterprise" }, {}))?.plan).toBeUndefined();
    expect(await shown({ name: "Mallory" }, { name: "Jane", plan: "free" })).toMatchObject({
      name: "Jane",
      plan: "free",
    });
  });

  test("is nothing at all without a proof, not even the plan", async () => {
    const { user, ignored } = await weigh({ name: "x", plan: "enterprise" }, undefined, open);
    expect(user).toEqual({ id: "u1", by: "none", verified: false, traits: { fields: {} } });
    expect(ignored.map(({ reason }) => reason)).toEqual(["unproven", "unproven"]);
  });

  test("with VAMBE_UNPROVEN_TRAITS=apply is what the page says too, but never against the proof", async () => {
    const { user, ignored } = await weigh({ name: "Mallory", plan: "free" }, { name: "Jane" }, apply);
    expect(user.traits).toMatchObject({ name: "Jane", plan: "free" });
    expect(ignored).toEqual([{ trait: "name", reason: "differs-from-proof" }]);
  });

  test("a custom field cannot pass itself off as a signed trait", async () => {
    const { user } = await weigh(
      { fields: { plan: "enterprise", email: "m@example.com" } },
      { plan: "free" },
    );
    expect(user.traits).toEqual({ plan: "free", fields: {} });
  });

  test.each(["plan", "name", "email"])(
    "a signed custom field called %s is not lost beside the trait of that name",
    async (trait) => {
      const { user, ignored } = await weigh(
        {},
        { [trait]: "the trait", fields: { [trait]: "the field" } },
        strict,
      );
      const kept = JSON.stringify([user.traits, ignored.map((one) => one.trait)]);
      expect(kept).toContain("the trait");
      expect(kept.includes("the field") || ignored.some((one) => one.trait === trait)).toBe(true);
    },
  );

  test("names that every object inherits are names like any other", async () => {
    const fields = JSON.parse('{"constructor": "a", "toString": "b"}');
    const { user, ignored } = await weigh({ fields }, { fields: { toString: "b" } });
    expect(user.traits.fields).toEqual({ toString: "b" });
    expect(ignored).toEqual([{ trait: "constructor", reason: "unproven" }]);
  });
});
