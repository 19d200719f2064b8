import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Claim, Delivery } from "../../../../server/ledger/row.ts";
import { callsOf, newCountedDatabase, startCountingPostgres } from "../../../support/counted-statements.ts";
import type { RunningPostgres } from "../../../support/postgres.ts";
import { channelId, type Instance, only, openInstances, pair } from "./instances.ts";

let postgres: RunningPostgres;
beforeAll(async () => {
  postgres = await startCountingPostgres();
});
afterAll(() => postgres[Symbol.asyncDispose]());

const claimOf = (userId: string, name = "Jane"): Claim => ({
  channelId,
  userId,
  traits: { name },
  verified: true,
});
const record = ({ ledger }: Instance, userId: string, name?: string) =>
  ledger.record(claimOf(userId, name), Date.now());
const users = (count: number) => Array.from({ length: count }, (_, number) => `u${number}`);

/** Somebody in a shell of his own, in the middle of a transaction. */
async function locked(url: string, userId: string): Promise<AsyncDisposable> {
  const shell = new pg.Client({ connectionString: url });
  await shell.connect();
  await shell.query("BEGIN");
  await shell.query("SELECT 1 FROM vambe_identity.contact WHERE user_id = $1 FOR UPDATE", [userId]);
  return { [Symbol.asyncDispose]: () => shell.end() };
}

async function deadlocks(url: string): Promise<number> {
  const [row] = await postgres.run(
    url,
    "SELECT deadlocks::int AS count FROM pg_stat_database WHERE datname = current_database()",
  );
  return Number(row?.count);
}

describe("what comes at once", () => {
  test("is read by one statement and written by one, taken by one, and so are the ends of deliveries", async () => {
    const { url, statementsOf } = await newCountedDatabase(postgres);
    await using all = await openInstances(1, url);
    const one = only(all);
    await record(one, "somebody");
    const recorded = await statementsOf(async () => {
      const outcomes = await Promise.all(users(50).map((user) => record(one, user)));
      expect(outcomes.every(({ outcome }) => outcome === "changed")).toBe(true);
    });
    expect(callsOf(recorded, /contact/)).toBe(2);

    const deliveries: Delivery[] = [];
    const keys = users(50).map((userId) => ({ channelId, userId }));
    const taken = await statementsOf(async () => {
      deliveries.push(...(await one.ledger.take(keys, Date.now())));
    });
    expect(callsOf(taken, /contact/)).toBe(1);
    expect(deliveries).toHaveLength(50);
    const settled = await statementsOf(() =>
      Promise.all(
        deliveries.map((delivery) =>
          one.ledger.settle(
            delivery,
            { kind: "delivered", sent: delivery.traits, contactId: undefined },
            Date.now(),
          ),
        ),
      ),
    );
    expect(callsOf(settled, /contact/)).toBe(2);
    expect(await one.ledger.outbox()).toEqual({ pending: 1, withheld: 0, rejected: 0 });
  });

  test("fails alone where the database refuses it: the others are written", async () => {
    const url = await postgres.newDatabase();
    await using all = await openInstances(1, url);
    const one = only(all);
    await postgres.run(url, "ALTER TABLE vambe_identity.contact ADD CHECK (user_id <> 'u3')");
    const ends = await Promise.allSettled(users(9).map((user) => record(one, user)));
    expect(ends.map(({ status }) => status === "rejected")).toEqual(users(9).map((user) => user === "u3"));
    expect(await one.ledger.outbox()).toMatchObject({ pending: 8 });
    await expect(record(one, "u3")).rejects.toThrow(/SQLSTATE 23514/);
  });

  test("waits for nobody who keeps a row locked, but for whose row that is", async () => {
    const url = await postgres.newDatabase();
    await using all = await openInstances(2, url);
    const [one] = pair(all);
    await Promise.all(users(9).map((user) => record(one, user)));
    await using _ = await locked(url, "u3");
    const settled: string[] = [];
    const ends = users(9).map((user) =>
      record(one, user, "Joan").then(
        () => settled.push(user),
        (error) => settled.push(String(error)),
      ),
    );
    await Promise.all(ends.filter((_, at) => at !== 3));
    expect(settled).toEqual(users(9).filter((user) => user !== "u3"));
    await ends[3];
    expect(settled.at(-1)).toMatch(/took too long/);
  });

  test("is three changes where it is three times the same user", async () => {
    await using all = await openInstances(1, await postgres.newDatabase());
    const one = only(all);
    const recorded = await Promise.all(["Jane", "Joan", "June"].map((name) => record(one, "u", name)));
    expect(recorded.map((each) => "generation" in each && each.generation).sort()).toEqual([1, 2, 3]);
  });

  test("by three instances that write the same rows in other orders waits for nobody for ever", async () => {
    const url = await postgres.newDatabase();
    await using all = await openInstances(3, url);
    for (let round = 0; round < 20; round++) {
      const ends = all.flatMap((instance, at) => {
        const order = users(200).map((user) => `${round} ${user}`);
        if (at === 1) order.reverse();
        return order.map((user) => record(instance, user, `${at}`));
      });
      const outcomes = await Promise.all(ends);
      expect(outcomes.every(({ outcome }) => outcome === "changed")).toBe(true);
    }
    expect(await deadlocks(url)).toBe(0);
  });
});

describe("requests that are counted at once", () => {
  const windowMs = 60_000;

  test("are one statement, and each has a number of its own", async () => {
    const { url, statementsOf } = await newCountedDatabase(postgres);
    await using all = await openInstances(1, url);
    const { shared } = only(all);
    await shared.countRequest({ key: "warm", windowMs });
    const statements = await statementsOf(async () => {
      const counted = await Promise.all(users(20).map(() => shared.countRequest({ key: "a", windowMs })));
      expect(counted.map(({ ofKey }) => ofKey?.requests)).toEqual(users(20).map((_, at) => at + 1));
    });
    expect(callsOf(statements, /request_count/)).toBe(1);
    expect((await shared.countRequest({ key: "a", windowMs })).ofKey?.requests).toBe(21);
  });

  test("count for the second key only those for which there was room under the first", async () => {
    await using all = await openInstances(2, await postgres.newDatabase());
    const counted = await Promise.all(
      all.flatMap(({ shared }) =>
        users(20).map(() =>
          shared.countRequest({ first: { key: "user", most: 10 }, key: "address", windowMs }),
        ),
      ),
    );
    const numbers = (of: "ofFirst" | "ofKey") =>
      counted.flatMap((one) => one[of]?.requests ?? []).sort((a, b) => a - b);
    expect(numbers("ofFirst")).toEqual(Array.from({ length: 40 }, (_, at) => at + 1));
    expect(numbers("ofKey")).toEqual(Array.from({ length: 10 }, (_, at) => at + 1));
  });

  test("of three instances under all kinds of keys wait for nobody for ever", async () => {
    const url = await postgres.newDatabase();
    await using all = await openInstances(3, url);
    const counted = await Promise.all(
      Array.from({ length: 6000 }, (_, at) => {
        const instance = at % 3;
        const number = instance === 1 ? 99 - (at % 100) : at % 100;
        const first = at % 2 === 0 ? undefined : { key: `user ${number}`, most: 1000 };
        return (all[instance] ?? pair(all)[0]).shared.countRequest({
          first,
          key: `address ${number}`,
          windowMs,
        });
      }),
    );
    expect(counted.map(({ ofKey }) => ofKey?.requests ?? 0).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 6000 }, (_, at) => Math.floor(at / 100) + 1),
    );
    expect(await deadlocks(url)).toBe(0);
  });
});
