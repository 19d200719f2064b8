import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { reply, startUpstream } from "../support/upstream.ts";
import { startWorld } from "../support/world.ts";
import { recordArrivals } from "./arrivals.ts";
import { identify, readinessOf, untilDelivered } from "./promises.ts";

describe.concurrent("500 for more than a minute", { timeout: 240_000 }, () => {
  test("few calls, a warning, a detailed /readyz, and all arrives when it is over", async () => {
    const arrivals = recordArrivals();
    await using upstream = await startUpstream(reply(500, "<h1>Internal Server Error</h1>"));
    await using world = await startWorld({ apiUrl: upstream.url });
    const ids = Array.from({ length: 40 }, (_, number) => `u${number}`);
    for (const id of ids) {
      expect((await identify(world, id, { name: id, plan: "free" })).status).toBe("queued");
      await sleep(500);
    }
    expect((await identify(world, "u0", { plan: "pro" })).status).toBe("queued");
    const ready = await readinessOf(world);
    expect(ready).toMatchObject({
      status: "ready",
      ledger: "ok",
      outbox: { pending: 40, withheld: 0, rejected: 0 },
      deliveries: { paused: true, because: "failed" },
    });
    expect(ready.outbox.oldest_pending_seconds).toBeGreaterThanOrEqual(15);

    const warnings = () =>
      world.exchange.log().filter(({ event }) => event === "deliveries are waiting for more than a minute");
    await eventually("the backlog is warned of", () => warnings().length > 0, { withinMs: 100_000 });
    expect(warnings()).toMatchObject([{ level: "warn", count: 40 }]);
    expect(Number(warnings()[0]?.age_seconds)).toBeGreaterThanOrEqual(60);
    // 40 users, 41 identifies, more than a minute. The first failures come one by one, then there are only probes.
    expect(upstream.seen.length).toBeLessThan(40);

    upstream.behave(arrivals.take);
    await untilDelivered(world);
    expect(arrivals.ids()).toEqual(ids.sort());
    expect(arrivals.plansOf("u0").at(-1)).toBe("pro");
    expect(arrivals.upserts()).toBe(40);
    expect(await readinessOf(world)).toMatchObject({
      outbox: { pending: 0, oldest_pending_seconds: null },
      deliveries: { paused: false },
    });
  });
});

describe.concurrent("one contact that makes something in front of Vambe answer", () => {
  test.each([403, 500])(
    "%i: nobody else notices, and the log blames it alone",
    { timeout: 180_000 },
    async (status) => {
      const arrivals = recordArrivals();
      await using upstream = await startUpstream((socket, seen) =>
        (seen.body.includes("DROP TABLE") ? reply(status) : arrivals.take)(socket, seen),
      );
      await using world = await startWorld({ apiUrl: upstream.url });
      const ids = Array.from({ length: 20 }, (_, number) => `u${number}`);
      for (const [round, id] of ids.entries()) {
        const name = `'; DROP TABLE users; -- ${round}`;
        expect((await identify(world, "bad", { name })).status).toBe("queued");
        expect((await identify(world, id, { name: id })).status).toBe("delivered");
        expect((await readinessOf(world)).deliveries).toEqual({ paused: false });
      }
      expect(arrivals.ids()).toEqual(ids.sort());
      expect((await readinessOf(world)).outbox).toMatchObject({ pending: 1 });
      expect(world.exchange.output()).not.toMatch(/paused|DROP TABLE/);
      await eventually("the log says why", () =>
        /and (others are taken|takes others)/.test(world.exchange.output()),
      );
      expect((await world.command(["outbox", "list"])).output).toMatch(
        new RegExp(`^\\S+ +bad +pending .*${status}`, "m"),
      );
    },
  );
});
