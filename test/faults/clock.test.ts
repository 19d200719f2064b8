import { writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { inSeconds } from "../support/proofs.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { hang, type Misbehaviour, reply, startUpstream } from "../support/upstream.ts";
import { startWorld } from "../support/world.ts";
import { recordArrivals } from "./arrivals.ts";
import { untilDelivered } from "./promises.ts";

const HOUR_S = 3600;

/** An exchange whose clock can be made to jump; the site's backend, which signs, keeps the same time. */
async function startWithClock(apiUrl: string) {
  const preload = new URL("../support/clock-that-jumps.ts", import.meta.url);
  const folder = temporaryFolder();
  const file = folder.file("offset");
  const world = await startWorld({
    apiUrl,
    environment: { NODE_OPTIONS: `--import=${preload}`, CLOCK_IS_OFF_BY: file },
  });
  let offset = 0;
  return {
    world,
    jump: (seconds: number) => {
      offset = seconds;
      writeFileSync(file, `${seconds * 1000}`);
    },
    identify: async (id: string, traits: object) => {
      const claims = { ...traits, iat: inSeconds(offset), exp: inSeconds(offset + 600) };
      return (await world.page.identify({ id }, world.proofFor(id, claims))).identity().status;
    },
    [Symbol.asyncDispose]: async () => {
      await world[Symbol.asyncDispose]();
      folder.remove();
    },
  };
}

describe.concurrent.each([
  ["an hour ahead", HOUR_S],
  ["an hour back", -HOUR_S],
  ["a year ahead", 365 * 24 * HOUR_S],
  ["a year back", -365 * 24 * HOUR_S],
])("a clock that jumps %s", { timeout: 180_000 }, (_, jump) => {
  test("while Vambe is down: it is not stormed, and all arrives in the end", async () => {
    const arrivals = recordArrivals();
    await using upstream = await startUpstream(reply(500));
    await using exchange = await startWithClock(upstream.url);
    const ids = Array.from({ length: 30 }, (_, number) => `u${number}`);
    for (const id of ids) expect(await exchange.identify(id, { name: id })).toBe("queued");
    exchange.jump(jump);
    const before = upstream.seen.length;
    await sleep(3000);
    // Probes, with a second and more between them.
    expect(upstream.seen.length - before).toBeLessThan(20);
    expect(await exchange.identify("later", { name: "later" })).toBe("queued");
    upstream.behave(arrivals.take);
    await untilDelivered(exchange.world);
    expect(arrivals.ids()).toEqual([...ids, "later"].sort());
    expect(arrivals.upserts()).toBe(ids.length + 1);
    expect(await exchange.identify("u0", { name: "u0" })).toBe("unchanged");
  });

  test("and back again: those who are known stay known, and changes are delivered at once", async () => {
    const arrivals = recordArrivals();
    await using upstream = await startUpstream(arrivals.take);
    await using exchange = await startWithClock(upstream.url);
    expect(await exchange.identify("u", { name: "A" })).toBe("delivered");
    for (const [offset, name] of [
      [jump, "B"],
      [0, "C"],
    ] as const) {
      exchange.jump(offset);
      expect(await exchange.identify("u", { name })).toBe("delivered");
      expect(await exchange.identify("u", { name })).toBe("unchanged");
    }
    expect(arrivals.upserts()).toBe(3);
    expect(arrivals.contact("u")?.name).toBe("C");
  });

  test("while a call is under way: the newer value waits for its end and does not overtake it", async () => {
    const arrivals = recordArrivals();
    const underWay: (() => void)[] = [];
    const slow: Misbehaviour = async (socket, seen) => {
      await new Promise<void>((resolve) => underWay.push(resolve));
      return arrivals.take(socket, seen);
    };
    await using upstream = await startUpstream(slow);
    await using exchange = await startWithClock(upstream.url);
    const first = exchange.identify("u", { plan: "old" });
    await eventually("it is under way", () => underWay.length === 1);
    exchange.jump(jump);
    const second = exchange.identify("u", { plan: "new" });
    await sleep(1000);
    expect(upstream.seen.length).toBe(1);
    upstream.behave(arrivals.take);
    underWay[0]?.();
    await Promise.all([first, second]);
    await untilDelivered(exchange.world);
    expect(arrivals.plansOf("u")).toEqual(["old", "new"]);
  });
});

describe.concurrent("a clock that jumps between two runs", { timeout: 120_000 }, () => {
  test("does not keep what waits from going, wherever it jumped", async () => {
    const arrivals = recordArrivals();
    await using upstream = await startUpstream(hang);
    await using exchange = await startWithClock(upstream.url);
    exchange.jump(365 * 24 * HOUR_S);
    expect(await exchange.identify("u", { name: "A" })).toBe("queued");
    await exchange.world.exchange.kill();
    exchange.jump(0);
    upstream.behave(arrivals.take);
    await exchange.world.exchange.restart();
    await untilDelivered(exchange.world);
    expect(arrivals.contact("u")?.name).toBe("A");
  });
});
