import { describe, expect, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { type Misbehaviour, reply, startUpstream } from "../../support/upstream.ts";
import { openLoop, type RunningLoop } from "./running-loop.ts";

const json = { "content-type": "application/json" };
const refusal = (message: string) => reply(400, JSON.stringify({ statusCode: 400, message }), json);
const stageDeleted = refusal("Stage not found");

/** Refuses whoever has `BAD` somewhere, and takes the rest. */
const picky: Misbehaviour = (socket, seen) =>
  (seen.body.includes("BAD") ? refusal("BAD is not allowed") : reply(201))(socket, seen);

const nothingWaits = (loop: RunningLoop) => async () =>
  Object.values(await loop.ledger.outbox()).every((count) => count === 0);
const bodyOf = (userId: string) => new RegExp(`"external_user_id":"${userId}"`);

describe.concurrent("a Vambe that refuses everybody, as where the stage was deleted,", {
  timeout: 90_000,
}, () => {
  test("pauses deliveries with its words; all of them go out by themselves once it takes one, and once each", async () => {
    await using upstream = await startUpstream(stageDeleted);
    await using loop = openLoop(upstream.url);
    loop.start();
    const ids = Array.from({ length: 30 }, (_, number) => `u${number}`);
    const answers = [];
    for (const id of ids)
      answers.push(await loop.identify(id, { name: `Name of ${id}`, "field:plan": "pro" }));
    // Whether it is about one contact alone, the next ones show.
    expect(answers).toEqual(["rejected", "rejected", ...Array(28).fill("queued")]);
    expect(loop.pause()).toMatchObject({ because: "refused" });
    expect(await loop.ledger.outbox()).toEqual({ pending: 30, withheld: 0, rejected: 0 });
    expect(await loop.ledger.missingFields()).toEqual([]);
    // Each call is made with the field and without it.
    expect(upstream.seen.length).toBeLessThan(16);
    const paused = loop.log.filter((line) => line.includes("Deliveries are paused"));
    expect(paused).toEqual([
      expect.stringMatching(
        /"level":"error".*VAMBE_CHANNEL_ID.*VAMBE_STAGE_ID.*VAMBE_AGENT_ID.*"upstream":400,"cause":"refused \(400\): Stage not found"/,
      ),
    ]);
    expect(await loop.identify("u0", { name: "Name of u0" }, 500)).toBe("queued");

    const calls = upstream.seen.length;
    upstream.behave(reply(201));
    await eventually("all are delivered", nothingWaits(loop), { withinMs: 80_000 });
    const taken = upstream.seen.slice(calls).map(({ body }) => JSON.parse(body));
    expect(taken.map(({ external_user_id }) => external_user_id).sort()).toEqual(ids.sort());
    expect(taken.every(({ custom_field_values }) => custom_field_values.length === 1)).toBe(true);
    expect(loop.pause()).toBeUndefined();
  });

  test("whatever request id stands in its words", async () => {
    let request = 0;
    await using upstream = await startUpstream((socket, seen) =>
      refusal(`Stage not found (request ${request++})`)(socket, seen),
    );
    await using loop = openLoop(upstream.url);
    loop.start();
    for (let user = 0; user < 4; user++) await loop.identify(`u${user}`, { name: `${user}` });
    expect(loop.pause()).toMatchObject({ because: "refused" });
  });

  test("also where all contacts say the same, with the fifth", async () => {
    await using upstream = await startUpstream(stageDeleted);
    await using loop = openLoop(upstream.url);
    loop.start();
    const answers = [];
    for (let user = 0; user < 6; user++) answers.push(await loop.identify(`u${user}`, { name: "Guest" }));
    expect(answers.filter((status) => status === "rejected").length).toBe(4);
    expect(await loop.ledger.outbox()).toMatchObject({ rejected: 0 });
  });

  test("is no missing field where all that has changed is a field", async () => {
    await using upstream = await startUpstream(reply(201));
    await using loop = openLoop(upstream.url);
    loop.start();
    const ids = ["a", "b", "c", "d"];
    for (const id of ids) await loop.identify(id, { name: id, "field:plan": `free ${id}` });
    upstream.behave(stageDeleted);
    for (const id of ids) await loop.identify(id, { "field:plan": `pro ${id}` });
    expect(await loop.ledger.missingFields()).toEqual([]);
    expect(await loop.ledger.outbox()).toEqual({ pending: 4, withheld: 0, rejected: 0 });
    upstream.behave(reply(201));
    await eventually("all are delivered", nothingWaits(loop), { withinMs: 80_000 });
  });

  test("is waited for across restarts, however few come in between, and nobody is left behind", async () => {
    await using upstream = await startUpstream(stageDeleted);
    await using loop = openLoop(upstream.url);
    loop.start();
    for (const id of ["a", "b", "c"]) await loop.identify(id, { name: id });
    for (let start = 0; start < 3; start++) {
      const calls = upstream.seen.length;
      await loop.restart();
      await eventually("one was tried", () => upstream.seen.length > calls);
    }
    await loop.restart();
    expect(await loop.ledger.outbox()).toEqual({ pending: 3, withheld: 0, rejected: 0 });
    upstream.behave(reply(201));
    await eventually("all are delivered", nothingWaits(loop), { withinMs: 80_000 });
  });
});

describe.concurrent("contacts that are refused for their own fault", { timeout: 90_000 }, () => {
  test("are rejected and pause nobody, however many, where others are taken in between", async () => {
    await using upstream = await startUpstream(picky);
    await using loop = openLoop(upstream.url);
    loop.start();
    for (let round = 0; round < 10; round++) {
      expect(await loop.identify(`bad${round}`, { name: `BAD ${round}` })).toBe("rejected");
      expect(await loop.identify(`good${round}`, { name: "x" })).toBe("delivered");
    }
    expect(loop.log.join("\n")).not.toMatch(/paused/);
    expect(upstream.seen.length).toBe(20);
    expect(await loop.ledger.outbox()).toEqual({ pending: 0, withheld: 0, rejected: 10 });
  });

  test("are rejected and pause nobody where one user sends them all", async () => {
    await using upstream = await startUpstream(picky);
    await using loop = openLoop(upstream.url);
    loop.start();
    for (let round = 0; round < 20; round++)
      expect(await loop.identify("bad", { name: `BAD ${round}` })).toBe("rejected");
    expect(loop.pause()).toBeUndefined();
  });

  test("of three accounts in a row: one short pause, the next contact ends it, each is sent once more, and they pause nobody again", async () => {
    await using upstream = await startUpstream(picky);
    await using loop = openLoop(upstream.url);
    loop.start();
    const accounts = ["bad0", "bad1", "bad2"];
    for (const id of accounts) await loop.identify(id, { name: `BAD ${id}` });
    expect(loop.pause()).toMatchObject({ because: "refused" });
    expect(loop.pause()?.forMs).toBeLessThan(2000);
    const calls = upstream.seen.length;
    await loop.leave("good", { name: "x" });
    await eventually("the pause is over", () => loop.pause() === undefined);
    expect(upstream.seen[calls]?.body).toMatch(bodyOf("good"));
    await eventually("they are rejected", async () => (await loop.ledger.outbox()).rejected === 3);
    expect(upstream.seen.length).toBe(calls + 4);

    for (let round = 0; round < 5; round++) {
      for (const id of accounts)
        expect(await loop.identify(id, { name: `BAD ${round} ${id}` })).toBe("rejected");
      expect(loop.pause()).toBeUndefined();
    }
    expect(await loop.identify("good", { name: "y" })).toBe("delivered");
    expect(await loop.ledger.outbox()).toEqual({ pending: 0, withheld: 0, rejected: 3 });
    expect(upstream.seen.length).toBe(calls + 4 + 16);
  });

  test("are not sent again by an event that came after them, nor by a start", async () => {
    await using upstream = await startUpstream(picky);
    await using loop = openLoop(upstream.url);
    loop.start();
    expect(await loop.identify("bad", { name: "BAD" })).toBe("rejected");
    await loop.identify("good", { name: "x" });
    upstream.behave(stageDeleted);
    for (let user = 0; user < 5; user++) await loop.identify(`u${user}`, { name: `${user}` });
    upstream.behave(picky);
    await eventually("all others are delivered", async () => (await loop.ledger.outbox()).pending === 0);
    await loop.restart();
    await loop.identify("good", { name: "y" });
    expect(upstream.seen.filter(({ body }) => bodyOf("bad").test(body)).length).toBe(1);
    expect(await loop.ledger.outbox()).toEqual({ pending: 0, withheld: 0, rejected: 1 });
  });
});
