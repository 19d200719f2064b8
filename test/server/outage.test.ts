import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { rawExchange } from "../support/raw-request.ts";
import { hang, reply, startUpstream } from "../support/upstream.ts";
import { ORIGIN, startWorld, type World } from "../support/world.ts";

const jane = { name: "Jane Doe", email: "jane@example.com", plan: "premium" };

const contactsOf = (world: World) =>
  world.vambe.standIn.contacts().map(({ external_user_id }) => external_user_id);

describe.concurrent("while Vambe is not there", { timeout: 120_000 }, () => {
  const OUTAGES: [string, (world: World) => unknown, (world: World) => unknown][] = [
    ["answers 500", (w) => w.vambe.standIn.setFault("down"), (w) => w.vambe.standIn.setFault("normal")],
    ["is out of quota", (w) => w.vambe.standIn.setFault("quota"), (w) => w.vambe.standIn.setFault("normal")],
    ["refuses the key", (w) => w.vambe.standIn.setFault("key"), (w) => w.vambe.standIn.setFault("normal")],
    ["takes no connection", (w) => w.vambe.goAway(), (w) => w.vambe.comeBack()],
  ];

  test.each(OUTAGES)(
    "%s: identify says `queued`, and the contact arrives by itself later",
    async (_, begin, end) => {
      await using world = await startWorld();
      await begin(world);
      for (const id of ["a", "b", "c"]) {
        expect((await world.signIn(id, jane)).identity().status).toBe("queued");
      }
      expect(contactsOf(world)).toEqual([]);
      await end(world);
      await eventually("all have arrived", () => contactsOf(world).length === 3, { withinMs: 110_000 });
      expect(world.vambe.standIn.contacts()[0]).toMatchObject({
        contact: { name: "Jane Doe", email: "jane@example.com" },
        fields: { plan: "premium" },
      });
      await eventually(
        "it is known",
        async () => (await world.signIn("a", jane)).identity().status === "unchanged",
      );
    },
  );

  test("hangs: identify says `queued` while the call is still under way, and what it said last is what arrives", async () => {
    await using upstream = await startUpstream(hang);
    await using world = await startWorld({ apiUrl: upstream.url });
    for (const plan of ["free", "pro"]) {
      expect((await world.signIn("u", { ...jane, plan })).identity().status).toBe("queued");
      // Nobody has given the call up yet: the page was not made to wait for that.
      expect(upstream.open).toBe(1);
    }
    upstream.behave(reply(201));
    await eventually("the last plan has arrived", () => upstream.seen.at(-1)?.body.includes('"pro"'), {
      withinMs: 110_000,
    });
    await eventually(
      "it is known",
      async () => (await world.signIn("u", { plan: "pro" })).identity().status === "unchanged",
    );
  });

  test("nothing is lost when the exchange is killed and started again in between", async () => {
    await using world = await startWorld();
    world.vambe.standIn.setFault("down");
    const ids = Array.from({ length: 20 }, (_, number) => `u${number}`);
    await Promise.all(
      ids.map(async (id) => expect((await world.signIn(id, jane)).identity().status).toBe("queued")),
    );
    await world.exchange.kill();
    await world.exchange.restart();
    await world.exchange.kill();
    world.vambe.standIn.setFault("normal");
    await world.exchange.restart();
    await eventually("all have arrived", () => contactsOf(world).length === ids.length, {
      withinMs: 110_000,
    });
    expect(contactsOf(world).sort()).toEqual(ids.sort());
  });
});

describe.concurrent("killed while an upsert is under way", () => {
  test("it is sent again: what was acknowledged or not, Vambe ends up with it", async () => {
    await using upstream = await startUpstream(hang);
    await using world = await startWorld({ apiUrl: upstream.url });
    const asked = world.signIn("u", jane).catch(() => "cut off");
    await eventually("it is under way", () => upstream.seen.length > 0);
    await world.exchange.kill();
    expect(await asked).toBe("cut off");
    upstream.behave(reply(201));
    await world.exchange.restart();
    await eventually("it is sent again", () => upstream.seen.length === 2);
    expect(JSON.parse(upstream.seen[1]?.body ?? "")).toMatchObject({
      external_user_id: "u",
      contact_name: "Jane Doe",
    });
    await eventually(
      "it is known",
      async () => (await world.signIn("u", jane)).identity().status === "unchanged",
    );
  });
});

describe.concurrent("stopped by SIGTERM", () => {
  test("what is under way is finished, and the page is told", async () => {
    await using world = await startWorld({ vambe: { slowness: 1000 } });
    world.vambe.standIn.setFault("slow");
    const asked = world.signIn("u", jane);
    await eventually("it is under way", () => world.vambe.standIn.upserts().length > 0);
    const { code, signal } = await world.exchange.stop();
    expect({ code, signal }).toEqual({ code: 0, signal: null });
    expect((await asked).identity().status).toMatch(/^(delivered|queued)$/);
    expect(contactsOf(world)).toEqual(["u"]);
    await world.exchange.restart();
    expect((await world.signIn("u", jane)).identity().status).toBe("unchanged");
  });

  test("pages that wait for their turn are told `queued`, not cut off", async () => {
    await using world = await startWorld({ environment: { VAMBE_MAX_RATE: "0.5" } });
    await world.signIn("first");
    // One page may go a turn early.
    await world.signIn("second");
    const asked = ["a", "b", "c", "d", "e"].map((id) =>
      world.signIn(id, jane).then((answer) => answer.identity().status, String),
    );
    await sleep(300);
    const { code } = await world.exchange.stop();
    const statuses = await Promise.all(asked);
    expect({ code, statuses }).toEqual({ code: 0, statuses: Array(5).fill("queued") });
    await world.exchange.restart({ VAMBE_MAX_RATE: "1000" });
    await eventually("all have arrived", () => contactsOf(world).length === 7);
  });

  test("a Vambe that hangs holds it up no longer than the deadline of a call, and nothing is lost", async () => {
    await using upstream = await startUpstream(hang);
    await using world = await startWorld({ apiUrl: upstream.url });
    expect((await world.signIn("u", jane)).identity().status).toBe("queued");
    // One that is held up longer is ended by force, and says so by its code.
    expect(await world.exchange.stop()).toMatchObject({ code: 0, signal: null });
    upstream.behave(reply(201));
    await world.exchange.restart();
    await eventually("it is sent", () => upstream.seen.length === 2);
  });

  test("connections that only stay open do not hold it up", async () => {
    await using world = await startWorld();
    const idle = rawExchange(
      world.exchange.port,
      `GET /livez HTTP/1.1\r\nHost: x\r\nOrigin: ${ORIGIN}\r\n\r\n`,
    );
    const silent = rawExchange(world.exchange.port, "GET /livez HTT");
    await sleep(200);
    expect((await world.exchange.stop()).code).toBe(0);
    expect(await idle).toMatch(/^HTTP\/1\.1 200/);
    await silent;
  });
});
