import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../../../support/eventually.ts";
import { type RunningPostgres, startPostgres } from "../../../support/postgres.ts";
import { takeOne } from "../../../support/take-one.ts";
import { channelId, type Instance, openInstances, pair } from "./instances.ts";

let postgres: RunningPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres[Symbol.asyncDispose]());

const instances = async (count: number, url?: string) =>
  openInstances(count, url ?? (await postgres.newDatabase()));
const ask = ({ ledger }: Instance, userId: string, name = "Jane") =>
  ledger.record({ channelId, userId, traits: { name }, verified: true }, Date.now());
const listen = async (instance: Instance) => {
  instance.shared.listen((notice) => instance.heard.push(notice));
  await eventually("it listens", () => instance.heard.some(({ kind }) => kind === "due"));
  instance.heard.length = 0;
};

describe("several instances on one database", () => {
  test("give each row out once", async () => {
    await using all = await instances(4);
    const [one] = pair(all);
    for (let number = 0; number < 100; number++) await ask(one, `u${number}`);
    const taken: string[] = [];
    await Promise.all(
      all.flatMap(({ ledger }) =>
        Array.from({ length: 4 }, async () => {
          for (let misses = 0; misses < 3; ) {
            const delivery = await ledger.takeNext(Date.now());
            if (delivery) taken.push(delivery.userId);
            else misses += 1;
          }
        }),
      ),
    );
    expect(taken.length).toBe(100);
    expect(new Set(taken).size).toBe(100);
  });

  test("do not wait for a row that somebody else has locked", async () => {
    const url = await postgres.newDatabase();
    await using all = await instances(2, url);
    const [one, two] = pair(all);
    await ask(one, "locked");
    await sleep(5);
    await ask(one, "free");
    const holding = postgres.run(
      url,
      "WITH locked AS (SELECT 1 FROM vambe_identity.contact WHERE user_id = 'locked' FOR UPDATE) SELECT pg_sleep(2) FROM locked",
    );
    await eventually("the row is locked", async () => {
      const rows = await postgres.run(
        url,
        "SELECT 1 FROM vambe_identity.contact WHERE user_id = 'locked' FOR UPDATE SKIP LOCKED",
      );
      return rows.length === 0;
    });
    expect((await two.ledger.takeNext(Date.now()))?.userId).toBe("free");
    await holding;
  });

  test("bring many changes of one user at once into one order, and lose none", async () => {
    await using all = await instances(3);
    const names = Array.from({ length: 60 }, (_, number) => `name ${number}`);
    const recorded = await Promise.all(
      names.map((name, number) => ask(all[number % 3] ?? pair(all)[0], "u", name)),
    );
    const generations = recorded.map((each) => (each.outcome === "changed" ? each.generation : 0));
    expect(generations.sort((a, b) => a - b)).toEqual(names.map((_, number) => number + 1));
  });

  test("know who carries a row, and who has lost it", async () => {
    const url = await postgres.newDatabase();
    await using all = await instances(2, url);
    const [one, two] = pair(all);
    const key = { channelId, userId: "u" };
    await ask(one, "u");
    expect(await two.shared.isUnderWay(key)).toBe(false);
    const delivery = await takeOne(one.ledger, key, Date.now());
    if (!delivery) throw new Error("it is due");
    expect(await two.shared.isUnderWay(key)).toBe(true);
    const lease = await one.shared.renew(delivery);
    expect(lease).toBeGreaterThanOrEqual(delivery.lease);
    await postgres.run(url, "UPDATE vambe_identity.contact SET lease_until = 1");
    expect((await takeOne(two.ledger, key, Date.now()))?.userId).toBe("u");
    expect(await one.shared.renew({ ...delivery, lease: lease ?? 0 })).toBeUndefined();
  });

  test("have one clock for leases and due times, whatever their own say", async () => {
    await using all = await instances(2);
    const [one, two] = pair(all);
    const hour = 3600_000;
    await ask(one, "u");
    const delivery = await one.ledger.takeNext(Date.now() - hour);
    if (!delivery) throw new Error("it is due");
    expect(await two.ledger.takeNext(Date.now() + hour)).toBeUndefined();
    const behind = Date.now() - hour;
    await one.ledger.settle(delivery, { kind: "retry", at: behind + 60_000, error: "500" }, behind);
    const ahead = Date.now() + hour;
    expect(await two.ledger.takeNext(ahead)).toBeUndefined();
    const inMs = ((await two.ledger.nextDueAt(ahead)) ?? 0) - ahead;
    expect(inMs).toBeGreaterThan(30_000);
    expect(inMs).toBeLessThanOrEqual(60_000);
  });
});

describe("what instances tell each other", () => {
  test("is heard by the others and not by the one who said it", async () => {
    await using all = await instances(2);
    const [one, two] = pair(all);
    await Promise.all([listen(one), listen(two)]);
    await ask(one, "u'\"ñ 李");
    await eventually("the record is heard", () => two.heard.some(({ kind }) => kind === "recorded"));
    const delivery = await two.ledger.takeNext(Date.now());
    if (!delivery) throw new Error("it is due");
    await two.ledger.settle(delivery, { kind: "delivered", sent: {}, contactId: undefined }, Date.now());
    const settled = { kind: "settled", channelId, userId: "u'\"ñ 李", generation: 1, withheld: ["name"] };
    await eventually("the end is heard", () => one.heard.length > 0);
    expect(one.heard).toEqual([settled]);

    await two.ledger.record(
      { channelId, userId: "u'\"ñ 李", traits: { name: "Joan" }, verified: true },
      Date.now(),
    );
    const again = await two.ledger.takeNext(Date.now());
    if (!again) throw new Error("it is due");
    await two.ledger.settle(again, { kind: "rejected", error: "refused (400)" }, Date.now());
    await eventually("the rejection is heard", () => one.heard.some((notice) => "rejected" in notice));
    expect(one.heard).toContainEqual({
      kind: "settled",
      channelId,
      userId: "u'\"ñ 李",
      generation: 2,
      rejected: true,
    });
    await two.ledger.wakeAll(Date.now());
    await eventually("that all is due is heard", () => one.heard.some(({ kind }) => kind === "due"));
    expect(two.heard).toEqual([{ kind: "recorded" }]);
  });

  test("may be more than goes into one notification", async () => {
    await using all = await instances(2);
    const [one, two] = pair(all);
    await listen(two);
    const ids = Array.from({ length: 100 }, (_, number) => `${number}`.padEnd(250, "李"));
    await Promise.all(ids.map((id) => ask(one, id)));
    await Promise.all(
      ids.map(async (userId) => {
        const delivery = await takeOne(one.ledger, { channelId, userId }, Date.now());
        if (!delivery) throw new Error("it is due");
        await one.ledger.settle(delivery, { kind: "retry", at: Date.now(), error: "500" }, Date.now());
      }),
    );
    const settled = () => two.heard.flatMap((notice) => (notice.kind === "settled" ? [notice.userId] : []));
    await eventually("all is heard", () => settled().length === 100);
    expect(settled().sort()).toEqual(ids.sort());
  });

  test("is heard again after the connection was broken, and what was missed is looked for", async () => {
    const url = await postgres.newDatabase();
    await using all = await instances(2, url);
    const [one, two] = pair(all);
    await listen(two);
    await postgres.run(
      url,
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
    );
    await eventually("it has connected again", () => two.heard.some(({ kind }) => kind === "due"));
    await eventually("the first has, too", () => ask(one, "u"));
    await eventually("it hears", () => two.heard.some(({ kind }) => kind === "recorded"));
  });

  test("may be nonsense, if somebody else writes into the channel", async () => {
    const url = await postgres.newDatabase();
    await using all = await instances(2, url);
    const [one, two] = pair(all);
    await listen(two);
    for (const payload of ["", "{", "[]", '{"from":"x","notices":[{"kind":"other"}]}', "null"])
      await postgres.run(url, "SELECT pg_notify('vambe_identity', $1)", [payload]);
    await ask(one, "u");
    await eventually("it hears", () => two.heard.length > 0);
    expect(two.heard).toEqual([{ kind: "recorded" }]);
  });
});

describe("PostgreSQL that goes away and comes back", () => {
  test("is complained about meanwhile, and used again after, by the same ledger", async () => {
    await using own = await startPostgres();
    await using all = await instances(2, await own.newDatabase());
    const [one, two] = pair(all);
    await listen(two);
    await ask(one, "before");
    await own.goAway();
    for (let number = 0; number < 5; number++) {
      await expect(ask(one, "meanwhile")).rejects.toThrow(/cannot be reached|is being stopped|fails/);
    }
    await own.comeBack();
    await eventually("it is taken on again", () => ask(one, "after"));
    const { pending } = await one.ledger.outbox();
    expect(pending).toBe(2);
    await eventually("the other hears again", () => two.heard.some(({ kind }) => kind === "due"));
  });
});
