import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { reply, startUpstream } from "../../support/upstream.ts";
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

  test("even without any field is for good: it is kept for a person to see, and not tried in a loop", async () => {
    await using upstream = await startUpstream(reply(400, '{"message":"contact_name is offensive"}'));
    await using loop = openLoop(upstream.url);
    loop.start();
    expect(await loop.identify("u", traits)).toBe("queued");
    expect(upstream.seen.length).toBe(2);
    expect(await loop.identify("u", traits)).toBe("queued");
    await sleep(1500);
    expect(upstream.seen.length).toBe(2);
    expect(await loop.ledger.outbox()).toEqual({ pending: 0, withheld: 0, rejected: 1 });
    expect(await loop.ledger.missingFields()).toEqual([]);
    expect(loop.log.join()).toMatch(/"level":"error".*rejected/);
    upstream.behave(reply(201));
    expect(await loop.identify("u", { name: "Joan" })).toBe("delivered");
    await sleep(1);
  });
});

describe.concurrent("one user's value that Vambe does not accept", () => {
  test("does not keep the same field from the others", async () => {
    await using upstream = await startUpstream((socket, seen) =>
      (seen.body.includes("gold-plated")
        ? reply(400, '{"message":["custom field plan: gold-plated is not one of its options"]}')
        : reply(201))(socket, seen),
    );
    await using loop = openLoop(upstream.url);
    loop.start();
    await loop.identify("good", { "field:plan": "pro" });
    await loop.identify("bad", { name: "B", "field:plan": "gold-plated" });
    await loop.identify("other", { name: "C", "field:plan": "free" });
    expect(upstream.seen.at(-1)?.body).toContain('"value":"free"');
    await sleep(1);
  });
});
