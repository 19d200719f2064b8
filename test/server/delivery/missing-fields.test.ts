import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import {
  type Misbehaviour,
  reply,
  type SeenRequest,
  startUpstream,
  type Upstream,
} from "../../support/upstream.ts";
import { startVambe } from "../../support/vambe.ts";
import { LOOP_API_KEY, openLoop } from "./running-loop.ts";

/** A Vambe whose custom field `plan` has been taken away. */
async function vambeWithoutPlan() {
  const vambe = await startVambe({ apiKey: LOOP_API_KEY, fields: [{ key: "plan" }, { key: "company" }] });
  vambe.standIn.setFault("field");
  return {
    url: vambe.url,
    contact: (id: string) => vambe.standIn.contacts().find(({ external_user_id }) => external_user_id === id),
    calls: () => vambe.standIn.upserts().length,
    createPlan: () => vambe.standIn.setFault("normal"),
    [Symbol.asyncDispose]: () => vambe[Symbol.asyncDispose](),
  };
}

const traits = { name: "Jane", "field:plan": "pro", "field:company": "Acme" };

describe.concurrent("a custom field that Vambe does not have", () => {
  test("does not keep the contact from arriving without it", async () => {
    await using vambe = await vambeWithoutPlan();
    await using loop = openLoop(vambe.url);
    loop.start();
    expect(await loop.identify("u", traits)).toBe("delivered");
    expect(vambe.contact("u")).toMatchObject({ contact: { name: "Jane" }, fields: { company: "Acme" } });
    expect(vambe.contact("u")?.fields).not.toHaveProperty("plan");
    expect(await loop.ledger.outbox()).toEqual({ pending: 0, withheld: 1, rejected: 0 });
    expect(loop.log.join("\n")).toMatch(/"field":"plan"/);
    await sleep(1);
  });

  test("costs the second user no refused call, and nobody a loop", async () => {
    await using vambe = await vambeWithoutPlan();
    await using loop = openLoop(vambe.url);
    loop.start();
    await loop.identify("a", traits);
    expect(vambe.calls()).toBe(2);
    await loop.identify("b", traits);
    expect(vambe.calls()).toBe(3);
    expect(await loop.identify("b", traits)).toBe("unchanged");
    await sleep(2000);
    expect(vambe.calls()).toBe(3);
  });

  test("is sent by itself to everybody once it exists", async () => {
    await using vambe = await vambeWithoutPlan();
    await using loop = openLoop(vambe.url);
    loop.start();
    for (const id of ["a", "b", "c"]) await loop.identify(id, { ...traits, "field:plan": `plan of ${id}` });
    vambe.createPlan();
    await eventually(
      "the plans are there",
      () => vambe.contact("a")?.fields.plan && vambe.contact("c")?.fields.plan,
      {
        withinMs: 40_000,
      },
    );
    await eventually("nothing is left", async () => (await loop.ledger.outbox()).withheld === 0);
    for (const id of ["a", "b", "c"]) expect(vambe.contact(id)?.fields.plan).toBe(`plan of ${id}`);
    expect(vambe.contact("a")?.contact.name).toBe("Jane");
  });

  test("is sent in its last version", async () => {
    await using vambe = await vambeWithoutPlan();
    await using loop = openLoop(vambe.url);
    loop.start();
    await loop.identify("u", traits);
    await loop.identify("u", { ...traits, "field:plan": "enterprise" });
    vambe.createPlan();
    await eventually("the plan is there", () => vambe.contact("u")?.fields.plan, { withinMs: 40_000 });
    expect(vambe.contact("u")?.fields.plan).toBe("enterprise");
  });

  test("is looked for after a restart too", async () => {
    await using vambe = await vambeWithoutPlan();
    await using loop = openLoop(vambe.url);
    loop.start();
    await loop.identify("u", traits);
    vambe.createPlan();
    await loop.ledger.markMissing({ key: "plan", probeAt: Date.now() - 1, attempts: 9 });
    await loop.restart();
    await eventually("the plan is there", () => vambe.contact("u")?.fields.plan === "pro");
  });

  test("is looked for when the clock that set the time was a year ahead", async () => {
    await using vambe = await vambeWithoutPlan();
    await using loop = openLoop(vambe.url);
    loop.start();
    await loop.identify("u", traits);
    vambe.createPlan();
    await loop.ledger.markMissing({ key: "plan", probeAt: Date.now() + 365 * 24 * 3600_000, attempts: 1 });
    await loop.restart();
    await eventually("the plan is there", () => vambe.contact("u")?.fields.plan === "pro", {
      withinMs: 8000,
    });
  });
});

describe.concurrent("a refusal in words that name no field", () => {
  test("lets the contact through without any field, and keeps their values", async () => {
    await using upstream = await startUpstream((socket, seen) =>
      ("custom_field_values" in JSON.parse(seen.body) ? reply(400, "Bad Request") : reply(201))(socket, seen),
    );
    await using loop = openLoop(upstream.url);
    loop.start();
    expect(await loop.identify("u", traits)).toBe("delivered");
    expect(upstream.seen.length).toBe(2);
    expect(await loop.ledger.outbox()).toEqual({ pending: 0, withheld: 1, rejected: 0 });
    await sleep(1);
  });
});

describe.concurrent("a value that Vambe does not accept", () => {
  const fields = ({ body }: Pick<SeenRequest, "body">): { key: string; value: string }[] =>
    JSON.parse(body).custom_field_values ?? [];
  const plans = ["pro", "free"];
  /** Takes only the plans that it knows. */
  const choosy: Misbehaviour = (socket, seen) => {
    const plan = fields(seen).find(({ key }) => key === "plan")?.value;
    const isTaken = plan === undefined || plans.includes(plan);
    return (
      isTaken
        ? reply(201)
        : reply(400, `{"message":["custom field plan: ${plan} is not one of its options"]}`)
    )(socket, seen);
  };
  /** Whether the last call for `user` had the field; another's next try may have come since. */
  const sentPlan = ({ seen }: Upstream, user: string) =>
    fields(seen.findLast(({ body }) => body.includes(`"${user}"`)) ?? { body: "{}" }).length > 0;

  test("twice in a row, of one user, does not keep the field from the others, not even after a restart", async () => {
    await using upstream = await startUpstream(choosy);
    await using loop = openLoop(upstream.url);
    loop.start();
    await loop.identify("good", { "field:plan": "pro" });
    for (const plan of ["gold-plated", "silver-plated"]) {
      await loop.restart();
      expect(await loop.identify("bad", { name: "B", "field:plan": plan })).toBe("delivered");
    }
    expect(await loop.ledger.missingFields()).toEqual([]);
    expect(await loop.identify("other", { name: "C", "field:plan": "free" })).toBe("delivered");
    expect(sentPlan(upstream, "other")).toBe(true);
    expect(await loop.ledger.outbox()).toEqual({ pending: 1, withheld: 0, rejected: 0 });
    // It is said why, without the value.
    const [waiting] = await loop.ledger.entries({ limit: 9 });
    expect(waiting).toMatchObject({
      traits: ["field:plan"],
      lastError: "value refused (400): custom field plan: … is not one of its options",
    });
    expect(loop.log.join("\n")).toMatch(
      /"field":"plan","cause":"refused \(400\): custom field plan: … is not/,
    );
    expect(loop.log.join("\n")).not.toMatch(/plated|does not exist at Vambe/);
  });

  test("does not keep the field from the others where whoever had it taken is not known here any more", async () => {
    await using upstream = await startUpstream(choosy);
    await using loop = openLoop(upstream.url);
    loop.start();
    await loop.identify("good", { "field:plan": "pro" });
    await loop.ledger.forget("good");
    await loop.restart();
    await loop.identify("bad", { name: "B", "field:plan": "gold-plated" });
    expect(await loop.ledger.missingFields()).toEqual([]);
  });

  test("of several users alike does not either", async () => {
    await using upstream = await startUpstream(choosy);
    await using loop = openLoop(upstream.url);
    loop.start();
    await loop.identify("good", { "field:plan": "pro" });
    for (const id of ["a", "b", "c"]) await loop.identify(id, { "field:plan": "gold-plated" });
    expect(await loop.ledger.missingFields()).toEqual([]);
    await loop.identify("other", { "field:plan": "free" });
    expect(sentPlan(upstream, "other")).toBe(true);
    await sleep(1);
  });

  test.each([
    ["two users with different values", ["pro", "free"]],
    ["five users with the same", ["pro", "pro", "pro", "pro", "pro"]],
  ])("is told from a field that is gone: %s are refused it, and nobody has it taken", async (_, refused) => {
    let gone = false;
    await using upstream = await startUpstream((socket, seen) =>
      (gone && fields(seen).length > 0 ? reply(400, "unknown custom field: plan") : reply(201))(socket, seen),
    );
    await using loop = openLoop(upstream.url);
    loop.start();
    await loop.identify("good", { "field:plan": "pro" });
    gone = true;
    for (const [number, plan] of refused.entries()) {
      expect(await loop.ledger.missingFields()).toEqual([]);
      await loop.identify(`u${number}`, { "field:plan": plan });
    }
    expect(await loop.ledger.missingFields()).toMatchObject([{ key: "plan" }]);
    expect(loop.log.join("\n")).toMatch(/does not exist at Vambe/);
    const calls = upstream.seen.length;
    await loop.identify("last", { name: "x", "field:plan": "pro" });
    expect(upstream.seen.length).toBe(calls + 1);
  });
});
