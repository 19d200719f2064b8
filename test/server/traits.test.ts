import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startWorld, type World } from "../support/world.ts";

/** What a trait says, and what it says where it is `null`, left out, or nothing that a field could hold. */

let world: World;
beforeAll(async () => {
  const fields = ["plan", "company_name", "company_id", "company_plan", "seats", "full_name"];
  world = await startWorld({
    environment: {
      VAMBE_FIELDS:
        "plan,seats,name:full_name,company.id:company_id,company.name:company_name,company.plan:company_plan",
    },
    vambe: { fields: fields.map((key) => ({ key })) },
  });
});
afterAll(() => world?.[Symbol.asyncDispose]());

const knownOf = (id: string) =>
  world.vambe.standIn.contacts().find(({ external_user_id }) => external_user_id === id);

describe("null", () => {
  test("empties the custom field, once, and a trait that is left out stays as it is", async () => {
    await world.signIn("cancels", { plan: "premium", fields: { seats: 5 } });
    expect(knownOf("cancels")?.fields).toEqual({ plan: "premium", seats: "5" });
    const cancelled = (await world.signIn("cancels", { plan: null })).identity();
    expect(cancelled).toMatchObject({ status: "delivered", applied: ["plan"], ignored: [] });
    expect(knownOf("cancels")?.fields).toEqual({ plan: "", seats: "5" });
    expect((await world.signIn("cancels", { plan: null })).identity().status).toBe("unchanged");
    await world.signIn("cancels", { fields: { seats: null } });
    expect(knownOf("cancels")?.fields).toEqual({ plan: "", seats: "" });
    expect((await world.signIn("cancels", {})).identity().status).toBe("unchanged");
  });

  test("cannot empty a name or an email, which the answer says, but a field that has the name", async () => {
    await world.signIn("renamed", { name: "Jane Doe", email: "jane@example.com" });
    const answer = (await world.signIn("renamed", { name: null, email: null })).identity();
    expect(answer.ignored).toEqual([
      { trait: "name", reason: "cannot-be-cleared" },
      { trait: "email", reason: "cannot-be-cleared" },
    ]);
    expect(knownOf("renamed")).toMatchObject({
      contact: { name: "Jane Doe", email: "jane@example.com" },
      fields: { full_name: "" },
    });
  });

  test("counts only where it is proven", async () => {
    await world.signIn("attacked", { plan: "premium", name: "Jane" });
    const proof = world.proofFor("attacked", { name: "Jane" });
    const unproven = await world.page.identify(
      { id: "attacked", plan: null, fields: { seats: null } },
      proof,
    );
    expect(unproven.identity().ignored).toEqual([
      { trait: "plan", reason: "unproven" },
      { trait: "seats", reason: "unproven" },
    ]);
    const signed = world.proofFor("attacked", { name: "Jane", plan: "premium" });
    const other = await world.page.identify({ id: "attacked", plan: null }, signed);
    expect(other.identity().ignored).toEqual([{ trait: "plan", reason: "differs-from-proof" }]);
    const cleared = world.proofFor("attacked", { plan: null });
    const said = await world.page.identify({ id: "attacked", plan: "premium" }, cleared);
    expect(said.identity()).toMatchObject({ ignored: [{ trait: "plan", reason: "differs-from-proof" }] });
    expect(knownOf("attacked")?.fields.plan).toBe("");
  });
});

describe("a list or an object in `fields`", () => {
  test.each([[["a", "b"]], [{ a: 1 }]])("is left out by itself, and the answer says why: %j", async (odd) => {
    const fields = { seats: 7, tags: odd };
    const proof = world.proofFor("odd", { fields: { seats: 7 } });
    const answer = (await world.page.identify({ id: "odd", fields }, proof)).identity();
    expect(answer.ignored).toEqual([{ trait: "tags", reason: "not-valid" }]);
    const signed = (await world.signIn("odd-signed", { fields })).identity();
    expect(signed.ignored).toEqual([{ trait: "tags", reason: "not-valid" }]);
    expect(knownOf("odd-signed")?.fields).toMatchObject({ seats: "7" });
  });
});

describe("company", () => {
  test("goes to the fields that VAMBE_FIELDS names, one by one", async () => {
    const company = { id: 42, name: "Acme", plan: "team" };
    const first = (await world.signIn("employee", { company })).identity();
    expect(first).toMatchObject({
      applied: ["company.id", "company.name", "company.plan"],
      ignored: [],
    });
    expect(knownOf("employee")?.fields).toEqual({
      company_id: "42",
      company_name: "Acme",
      company_plan: "team",
    });
    await world.signIn("employee", { company: { plan: null } });
    expect(knownOf("employee")?.fields).toMatchObject({ company_name: "Acme", company_plan: "" });
    await world.signIn("employee", { company: null });
    expect(knownOf("employee")?.fields).toMatchObject({ company_id: "", company_name: "", company_plan: "" });
  });

  test("is signed like the rest, or ignored", async () => {
    const proof = world.proofFor("guest", { company: { id: "7" } });
    const said = { id: "8", name: "Acme", tier: "gold" };
    const answer = (await world.page.identify({ id: "guest", company: said }, proof)).identity();
    expect(answer.ignored).toEqual(
      expect.arrayContaining([
        { trait: "company.id", reason: "differs-from-proof" },
        { trait: "company.name", reason: "unproven" },
        { trait: "company.tier", reason: "unknown-trait" },
      ]),
    );
    expect(knownOf("guest")?.fields).toEqual({ company_id: "7" });
  });

  test("that is not an object is left out by itself, of the page as of a proof", async () => {
    const page = await world.page.identify({ id: "wrong", company: "Acme" }, world.proofFor("wrong"));
    expect(page.identity().ignored).toEqual([{ trait: "company", reason: "not-valid" }]);
    const proof = world.proofFor("wrong", { company: "Acme", plan: "pro" });
    const answer = (await world.page.identify({ id: "wrong" }, proof)).identity();
    expect(answer).toMatchObject({ applied: ["plan"], ignored: [{ trait: "company", reason: "not-valid" }] });
    const one = world.proofFor("wrong", { company: { id: [], name: "Acme" } });
    expect((await world.page.identify({ id: "wrong" }, one)).identity()).toMatchObject({
      applied: ["company.name"],
      ignored: [{ trait: "company.id", reason: "not-valid" }],
    });
  });
});
