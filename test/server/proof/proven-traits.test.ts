import { describe, expect, test } from "vitest";
import { proveByJwt } from "../../../server/proof/jwt.ts";
import { signProof } from "../../support/proofs.ts";

const SECRET = "0123456789abcdef0123456789abcdef";
const request = new Request("https://id.example.com/identify", { method: "POST" });
const prove = (proof: string) => proveByJwt([SECRET])({ user: { id: "u1" }, request, proof });

describe("a proof with odd traits", () => {
  test.each<[string, Record<string, unknown>, string[]]>([
    ["a name that is a number", { name: 7 }, ["name"]],
    ["a name that is an object", { name: { first: "Jane" } }, ["name"]],
    ["an email that is a list", { email: ["jane@example.com"] }, ["email"]],
    ["a plan that is a list", { plan: ["premium"] }, ["plan"]],
    ["a plan that is too long", { plan: "x".repeat(256) }, ["plan"]],
    ["fields that are a list", { fields: ["a"] }, ["fields"]],
    ["a field that is an object", { fields: { a: {}, b: "x" } }, ["a"]],
    ["a field of too long a name", { fields: { ["n".repeat(65)]: "x" } }, ["n".repeat(64)]],
    [
      "51 fields",
      { fields: Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`f${n}`, "x"])) },
      ["f50"],
    ],
  ])("stands, without what is odd in it: %s", async (_, changes, odd) => {
    const proven = await prove(signProof(SECRET, "u1", changes));
    expect(proven).toMatchObject({
      id: "u1",
      ignored: odd.map((trait) => ({ trait, reason: "not-valid" })),
    });
    const { traits } = proven ?? {};
    for (const trait of odd)
      expect(JSON.stringify({ ...traits, ...traits?.fields })).not.toContain(`"${trait}"`);
  });

  test("stands with as many good fields as there may be, whatever odd ones stand between", async () => {
    const good = Array.from({ length: 50 }, (_, n) => [`f${n}`, "x"]);
    const odd = Array.from({ length: 10 }, (_, n) => [`odd${n}`, {}]);
    const fields = Object.fromEntries([...odd, ...good]);
    const proven = await prove(signProof(SECRET, "u1", { fields }));
    expect(proven?.traits.fields).toEqual(Object.fromEntries(good));
    expect(proven?.ignored?.map(({ trait }) => trait)).toEqual(odd.map(([name]) => name));
  });
});
