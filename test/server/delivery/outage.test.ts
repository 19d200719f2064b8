import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { hang, type Misbehaviour, reply, reset, startUpstream } from "../../support/upstream.ts";
import { startVambe } from "../../support/vambe.ts";
import { LOOP_API_KEY, openLoop } from "./running-loop.ts";

const settled = (loop: ReturnType<typeof openLoop>) => async () =>
  Object.values(await loop.ledger.outbox()).every((count) => count === 0);

describe.concurrent("an outage", { timeout: 120_000 }, () => {
  // Whoever answers is heard out, however slow the machine is: a call that was given up may still arrive after the
  // one that follows it. Only silence needs a deadline that ends soon.
  const OUTAGES: [string, Misbehaviour, deadlineMs?: number][] = [
    ["500", reply(500)],
    ["503 with HTML", reply(503, "<h1>Sorry</h1>", { "content-type": "text/html" })],
    ["broken connections", reset()],
    ["silence", hang, 1500],
    ["redirects", reply(302, "", { location: "https://example.com/" })],
  ];

  test.each(OUTAGES)(
    "%s: all are told `queued` soon, nothing is lost, all arrive when it is over",
    async (_, fault, deadlineMs = 10_000) => {
      const arrived = new Map<string, string[]>();
      await using upstream = await startUpstream(fault);
      await using loop = openLoop(upstream.url, { deadlineMs });
      loop.start();
      const ids = Array.from({ length: 30 }, (_, number) => `u${number}`);
      const answers = await Promise.all(ids.map((id) => loop.identify(id, { name: `first ${id}` }, 2000)));
      expect(new Set(answers)).toEqual(new Set(["queued"]));
      for (const id of ids) await loop.leave(id, { name: `last ${id}` });

      upstream.behave((socket, seen) => {
        const { external_user_id, contact_name } = JSON.parse(seen.body);
        arrived.set(external_user_id, [...(arrived.get(external_user_id) ?? []), contact_name]);
        return reply(201)(socket, seen);
      });
      await eventually("all have arrived", settled(loop), { withinMs: 110_000 });
      expect([...arrived.keys()].sort()).toEqual(ids.sort());
      expect([...arrived].filter(([id, names]) => names.at(-1) !== `last ${id}`)).toEqual([]);
    },
  );

  test("is met with fewer and fewer calls", async () => {
    await using upstream = await startUpstream(reply(500));
    await using loop = openLoop(upstream.url);
    for (let number = 0; number < 200; number++) await loop.leave(`u${number}`, { name: "x" });
    loop.start();
    await sleep(4000);
    // Those that were under way before the first failure came back, and a few that looked whether it is over.
    expect(upstream.seen.length).toBeLessThan(40);
  });
});

describe.concurrent("a key that is refused", () => {
  test("pauses everything, says so, keeps the queue, and all arrive once it is accepted again", async () => {
    await using vambe = await startVambe({ apiKey: LOOP_API_KEY });
    vambe.standIn.setFault("key");
    await using loop = openLoop(vambe.url);
    loop.start();
    expect(await loop.identify("first", { name: "x" })).toBe("queued");
    const ids = Array.from({ length: 20 }, (_, number) => `u${number}`);
    const answers = await Promise.all(ids.map((id) => loop.identify(id, { name: "x" }, 1000)));
    expect(new Set(answers)).toEqual(new Set(["queued"]));
    // The second call is what shows that it is the key, and not the first contact.
    expect(vambe.standIn.upserts().length).toBe(2);
    expect(loop.log.join("\n")).toMatch(/"level":"error".*refuses VAMBE_API_KEY: deliveries are paused/);
    expect(loop.log.join("\n")).toMatch(/"cause":"unauthorized \(401\): Unauthorized. Invalid API key."/);
    vambe.standIn.setFault("normal");
    await eventually("all have arrived", () => vambe.standIn.contacts().length === 21);
  });
});

describe.concurrent("out of quota", () => {
  const quotaFor = (retryAfter: Record<string, string>, calls: number): Misbehaviour => {
    let left = calls;
    return (socket, seen) => (left-- > 0 ? reply(429, "", retryAfter) : reply(201))(socket, seen);
  };

  test("Retry-After is waited for, by everybody", async () => {
    await using upstream = await startUpstream(quotaFor({ "retry-after": "2" }, 1));
    await using loop = openLoop(upstream.url);
    loop.start();
    const began = performance.now();
    expect(await loop.identify("first", { name: "x" })).toBe("queued");
    expect(await loop.identify("second", { name: "x" })).toBe("queued");
    await eventually("all have arrived", settled(loop));
    expect(performance.now() - began).toBeGreaterThan(1900);
    expect(upstream.seen.length).toBe(3);
  });

  test("Retry-After is waited for by users that had failed alone before, too", async () => {
    await using upstream = await startUpstream((socket, seen) =>
      reply(seen.body.includes("stumbles") ? 500 : 201)(socket, seen),
    );
    await using loop = openLoop(upstream.url);
    loop.start();
    const ids = Array.from({ length: 20 }, (_, number) => `u${number}`);
    for (const id of ids) {
      expect(await loop.identify(id, { name: "stumbles" })).toBe("queued");
      expect(await loop.identify(`other ${id}`, { name: "x" })).toBe("delivered");
    }
    upstream.behave(reply(429, "", { "retry-after": "60" }));
    const calls = upstream.seen.length;
    for (const id of ids) expect(await loop.identify(id, { name: "y" })).toBe("queued");
    // The one that is told to wait, and tries of what had failed before that were under way just then: not one for each.
    expect(upstream.seen.length - calls).toBeLessThan(ids.length / 2);
  });

  test.each([
    ["no Retry-After", {}],
    ["Retry-After: 0", { "retry-after": "0" }],
    ["Retry-After: -30", { "retry-after": "-30" }],
    ["a Retry-After that has passed", { "retry-after": "Thu, 01 Jan 1970 00:00:00 GMT" }],
    ["a Retry-After that is garbage", { "retry-after": "1.5" }],
  ] as [string, Record<string, string>][])("with %s Vambe is not called in a loop", async (_, header) => {
    await using upstream = await startUpstream(quotaFor(header, Number.POSITIVE_INFINITY));
    await using loop = openLoop(upstream.url);
    for (let number = 0; number < 100; number++) await loop.leave(`u${number}`, { name: "x" });
    loop.start();
    await sleep(3000);
    expect(upstream.seen.length).toBeLessThan(40);
  });
});
