import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { hang, reply, startUpstream } from "../../support/upstream.ts";
import { type RunningVambe, startVambe } from "../../support/vambe.ts";
import { LOOP_API_KEY, openLoop } from "./running-loop.ts";

let vambe: RunningVambe;
beforeEach(async () => {
  vambe = await startVambe({ apiKey: LOOP_API_KEY, slowness: 150 });
});
afterEach(() => vambe[Symbol.asyncDispose]());

const upserts = () => vambe.standIn.upserts();
const contact = (id: string) =>
  vambe.standIn.contacts().find(({ external_user_id }) => external_user_id === id);

describe("a delivery", () => {
  test("tells the page that waits for it", async () => {
    await using loop = openLoop(vambe.url);
    loop.start();
    expect(await loop.identify("u", { name: "Jane", "field:plan": "pro" })).toBe("delivered");
    expect(contact("u")).toMatchObject({ contact: { name: "Jane" }, fields: { plan: "pro" } });
    expect(await loop.identify("u", { name: "Jane" })).toBe("unchanged");
    expect(upserts().length).toBe(1);
    await sleep(1);
  });

  test("happens without any page too", async () => {
    await using loop = openLoop(vambe.url);
    await loop.leave("u", { name: "Jane" });
    loop.start();
    await eventually("the contact is there", () => contact("u"));
  });

  test("that takes longer than the page can wait goes on after it", async () => {
    vambe.standIn.setFault("slow");
    await using loop = openLoop(vambe.url);
    loop.start();
    expect(await loop.identify("u", { name: "Jane" }, 10)).toBe("queued");
    await eventually("the contact is there", () => contact("u"));
    await eventually("it is settled", async () => (await loop.ledger.outbox()).pending === 0);
    expect(upserts().length).toBe(1);
  });
});

describe("many at once", () => {
  test("1,000 identical identifies become one upsert, and all of them are told", async () => {
    await using loop = openLoop(vambe.url);
    loop.start();
    const answers = await Promise.all(
      Array.from({ length: 1000 }, () => loop.identify("u", { name: "Jane", email: "jane@example.com" })),
    );
    expect(upserts().length).toBe(1);
    expect(answers.filter((status) => status === "queued")).toEqual([]);
  });

  test("several of them take their rows together, and each is delivered once", async () => {
    await using loop = openLoop(vambe.url, { maxRate: 10_000 });
    const take = vi.spyOn(loop.ledger, "take");
    loop.start();
    const users = Array.from({ length: 16 }, (_, at) => `u-${at}`);
    const answers = await Promise.all(users.map((user) => loop.identify(user, { name: user })));
    expect(new Set(answers)).toEqual(new Set(["delivered"]));
    expect(take.mock.calls.length).toBeLessThan(users.length / 2);
    expect(upserts().length).toBe(users.length);
    for (const user of users) expect(contact(user)).toMatchObject({ contact: { name: user } });
  });

  test("who brings something new goes before all who only ask whether they have arrived, and those are told too", async () => {
    await using loop = openLoop(vambe.url, { maxRate: 20 });
    const queued = Array.from({ length: 20 }, (_, at) => `queued-${at}`);
    for (const id of queued) await loop.leave(id, { name: id });
    const asked = Promise.all(queued.map((id) => loop.identify(id, { name: id })));
    const fresh = Promise.all(["new-1", "new-2"].map((id) => loop.identify(id, { name: id })));
    // Each is in the ledger, and waits for its turn.
    await eventually("all are written", async () => (await loop.ledger.outbox()).pending === 22);
    loop.start();
    expect(await fresh).toEqual(["delivered", "delivered"]);
    expect(new Set(await asked)).toEqual(new Set(["delivered"]));
    const order = upserts().map(({ body }) => Object(body).external_user_id);
    expect(order.slice(0, 2)).toEqual(["new-1", "new-2"]);
  });

  test("200 users are each delivered once", async () => {
    await using loop = openLoop(vambe.url);
    loop.start();
    const ids = Array.from({ length: 200 }, (_, number) => `u${number}`);
    const answers = await Promise.all(ids.map((id) => loop.identify(id, { name: id })));
    expect(new Set(answers)).toEqual(new Set(["delivered"]));
    expect(upserts().length).toBe(200);
    expect(
      vambe.standIn
        .contacts()
        .map(({ contact: { name } }) => name)
        .sort(),
    ).toEqual(ids.sort());
  });

  test("a user is never under way twice at the same time", async () => {
    let underWay = 0;
    let most = 0;
    await using upstream = await startUpstream(async (socket, seen) => {
      most = Math.max(most, ++underWay);
      await sleep(20);
      underWay -= 1;
      await reply(201)(socket, seen);
    });
    await using loop = openLoop(upstream.url);
    loop.start();
    await Promise.all(Array.from({ length: 20 }, (_, number) => loop.identify("u", { name: `${number}` })));
    expect(most).toBe(1);
  });

  test("the last of many changes is what Vambe ends up with", async () => {
    vambe.standIn.setFault("slow");
    await using loop = openLoop(vambe.url);
    loop.start();
    const answers = [];
    for (const name of ["A", "B", "A", "C", "A"]) {
      answers.push(loop.identify("u", { name }));
      await sleep(40);
    }
    expect(new Set(await Promise.all(answers))).toEqual(new Set(["delivered"]));
    expect(contact("u")?.contact.name).toBe("A");
    expect(upserts().length).toBeLessThanOrEqual(5);
  });
});

describe("the pace", () => {
  test("is kept, whatever waits", async () => {
    const at: number[] = [];
    await using upstream = await startUpstream((socket, seen) => {
      at.push(performance.now());
      return reply(201)(socket, seen);
    });
    await using loop = openLoop(upstream.url, { maxRate: 50 });
    for (let number = 0; number < 10; number++) await loop.leave(`backlog${number}`, { name: "x" });
    loop.start();
    await Promise.all(
      Array.from({ length: 15 }, (_, number) => loop.identify(`page${number}`, { name: "x" })),
    );
    await eventually("all are there", () => at.length === 25);
    // 24 intervals of 20 ms; a little less is the timers' own inexactness.
    expect((at.at(-1) ?? 0) - (at[0] ?? 0)).toBeGreaterThan(400);
  });

  test("lets a page go at once, whatever has just gone of the backlog, and is the same in the end", async () => {
    const at: number[] = [];
    await using upstream = await startUpstream((socket, seen) => {
      at.push(performance.now());
      return reply(201)(socket, seen);
    });
    // One call in five seconds.
    await using loop = openLoop(upstream.url, { maxRate: 0.2 });
    for (let number = 0; number < 3; number++) await loop.leave(`backlog${number}`, { name: "x" });
    loop.start();
    await eventually("the backlog is under way", () => at.length === 1);
    expect(await loop.identify("page", { name: "Jane" }, 4500)).toBe("delivered");
    await eventually("the next one has gone", () => at.length === 3, { withinMs: 20_000 });
    const [first = 0, page = 0, third = 0] = at;
    expect(page - first).toBeLessThan(4500);
    // Ten seconds, but for half a turn after an idle time.
    expect(third - first).toBeGreaterThan(7000);
  });

  test("a page does not wait behind the backlog: at the default pace it is told in time", async () => {
    await using loop = openLoop(vambe.url, { maxRate: 5 });
    for (let number = 0; number < 100; number++) await loop.leave(`backlog${number}`, { name: "x" });
    loop.start();
    await eventually("the backlog is under way", () => upserts().length >= 2);
    expect(await loop.identify("page", { name: "Jane" }, 2000)).toBe("delivered");
  });
});

describe("nobody is forgotten:", () => {
  test("a claim that arrives while the loop starts", async () => {
    await using upstream = await startUpstream(reply(201));
    const late: number[] = [];
    for (let ticks = 0; ticks < 40; ticks++) {
      await using loop = openLoop(upstream.url);
      loop.start();
      for (let tick = 0; tick < ticks; tick++) await null;
      if ((await loop.identify("u", { name: "x" }, 1500)) === "queued") late.push(ticks);
      await sleep(1);
    }
    expect(late).toEqual([]);
  });

  test("a claim that arrives while a delivery ends", async () => {
    await using upstream = await startUpstream(reply(201));
    await using loop = openLoop(upstream.url);
    loop.start();
    const late: number[] = [];
    for (let ticks = 0; ticks < 60; ticks++) {
      await loop.identify(`a${ticks}`, { name: "x" });
      for (let tick = 0; tick < ticks; tick++) await null;
      if ((await loop.identify(`b${ticks}`, { name: "x" }, 1500)) === "queued") late.push(ticks);
    }
    expect(late).toEqual([]);
  });
});

describe("stopping", () => {
  test("does not take a whole idle sleep, whenever it is asked for", async () => {
    await using upstream = await startUpstream(reply(201));
    const hanging: number[] = [];
    for (let ticks = 0; ticks < 30; ticks++) {
      const loop = openLoop(upstream.url);
      loop.start();
      await loop.identify("u", { name: "x" });
      for (let tick = 0; tick < ticks; tick++) await null;
      const stop = async () => loop[Symbol.asyncDispose]();
      const stopped = stop().then(() => "stopped");
      stopped.catch(() => {});
      if ((await Promise.race([stopped, sleep(1500, "hangs")])) === "hangs") hanging.push(ticks);
    }
    expect(hanging).toEqual([]);
  });

  test("tells those who wait, lets what is under way end, and keeps the rest", async () => {
    vambe.standIn.setFault("slow");
    const loop = openLoop(vambe.url, { maxRate: 10 });
    await loop.leave("backlog", { name: "x" });
    loop.start();
    const first = loop.identify("first", { name: "x" });
    const second = loop.identify("second", { name: "x" });
    await eventually("one is under way", () => upserts().length > 0);
    await loop.restart();
    expect(await first).toBe("queued");
    expect(await second).toBe("queued");
    await eventually("all are there", () => vambe.standIn.contacts().length === 3);
    expect(upserts().length).toBe(3);
    await loop[Symbol.asyncDispose]();
  });

  test("takes no longer than the call that is under way", async () => {
    await using upstream = await startUpstream(hang);
    const loop = openLoop(upstream.url, { deadlineMs: 300, maxRate: 1 });
    for (let number = 0; number < 20; number++) await loop.leave(`u${number}`, { name: "x" });
    loop.start();
    await eventually("one is under way", () => upstream.seen.length > 0);
    const before = upstream.seen.length;
    await loop[Symbol.asyncDispose]();
    expect(upstream.seen.length - before).toBeLessThan(2);
  });
});
