import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Ledger } from "../../../../server/ledger/contract/ledger.ts";
import { openExistingLedger, openLedger } from "../../../../server/ledger/open.ts";
import { dataKeyOf } from "../../../support/data-key.ts";
import { PASSWORD, type RunningPostgres, startPostgres } from "../../../support/postgres.ts";
import { atCallersTime } from "../../../support/postgres-clock.ts";
import { takeOne } from "../../../support/take-one.ts";
import { identifyCountsContract } from "../identify-counts-contract.ts";
import { ledgerContract } from "../ledger-contract.ts";
import { mendContract } from "../mend-contract.ts";
import { outboxContract } from "../outbox-contract.ts";
import { secretsContract } from "../secrets-contract.ts";

const channelId = "a1b2c3d4-e5f6-7890-abcd-ef1234567890";
const dataKey = dataKeyOf("key");

let postgres: RunningPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres[Symbol.asyncDispose]());

async function openAtCallersTime(url: string): Promise<Ledger> {
  const ledger = await openLedger(url, dataKey, channelId);
  await ledger.takeOver();
  return atCallersTime(url, ledger);
}
const openEmpty = async () => openAtCallersTime(await postgres.newDatabase());

ledgerContract("PostgreSQL", openEmpty);
outboxContract("PostgreSQL", openEmpty);
mendContract("PostgreSQL", dataKey, openEmpty);
const openTwice = async (): Promise<[Ledger, Ledger]> => {
  const url = await postgres.newDatabase();
  return [await openAtCallersTime(url), await openAtCallersTime(url)];
};
secretsContract("PostgreSQL, by two instances,", openTwice);
identifyCountsContract("PostgreSQL, by two instances,", openTwice);

/** What a call rejects with, as a person would read it. */
const complaint = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => "no complaint",
    (error: Error) => `${error.name}: ${error.message} ${error.stack} ${JSON.stringify(error)}`,
  );

describe("the schema", () => {
  test("is made once, however many instances start at once", async () => {
    const url = await postgres.newDatabase();
    const ledgers = await Promise.all(Array.from({ length: 12 }, () => openLedger(url, dataKey, channelId)));
    await Promise.all(ledgers.map((ledger) => ledger.takeOver()));
    const versions = await postgres.run(url, "SELECT version FROM vambe_identity.migration");
    expect(new Set(versions.map(({ version }) => version)).size).toBe(versions.length);
    const asked = ledgers.map((ledger) =>
      ledger.record({ channelId, userId: "u", traits: { name: "Jane" }, verified: true }, Date.now()),
    );
    const outcomes = (await Promise.all(asked)).map(({ outcome }) => outcome);
    expect(outcomes.filter((outcome) => outcome === "changed").length).toBe(1);
    expect(outcomes.filter((outcome) => outcome === "waiting").length).toBe(11);
    await Promise.all(ledgers.map((ledger) => ledger.close()));
  });

  test("of the version before is brought up to this one, which knows at once what fields Vambe has taken", async () => {
    const url = await postgres.newDatabase();
    const before = await openLedger(url, dataKey, channelId);
    await before.takeOver();
    const key = { channelId, userId: "u" };
    await before.record({ ...key, traits: { name: "J", "field:plan": "pro" }, verified: true }, Date.now());
    const taken = await takeOne(before, key, Date.now());
    if (taken)
      await before.settle(taken, { kind: "delivered", sent: taken.traits, contactId: undefined }, Date.now());
    const waiting = { channelId, userId: "waiting" };
    await before.record({ ...waiting, traits: { name: "Wim" }, verified: true }, Date.now());
    await before.close();
    await postgres.run(
      url,
      "DROP TABLE vambe_identity.taken_field, vambe_identity.write_proof, vambe_identity.identify_count",
    );
    await postgres.run(url, "DROP INDEX vambe_identity.contact_untried");
    await postgres.run(
      url,
      `ALTER TABLE vambe_identity.contact DROP COLUMN proven_at, DROP COLUMN sealed, DROP COLUMN names, DROP COLUMN confirmed_at`,
    );
    await postgres.run(url, "ALTER TABLE vambe_identity.migration DROP COLUMN needs");
    await postgres.run(url, "ALTER TABLE vambe_identity.contact RENAME COLUMN pending_in_clear TO pending");
    await postgres.run(
      url,
      `UPDATE vambe_identity.contact SET pending = '{"name":"Wim","field:plan":"pro"}' WHERE user_id = 'waiting'`,
    );
    await postgres.run(url, "DELETE FROM vambe_identity.migration WHERE version > 1");

    const now = await openLedger(url, dataKey, channelId);
    await now.takeOver();
    expect(await Promise.all(["plan", "name"].map((field) => now.wasEverTaken(field)))).toEqual([
      true,
      false,
    ]);
    // What waited in the clear is sealed, and goes as it was.
    const inClear = await postgres.run(
      url,
      "SELECT 1 FROM vambe_identity.contact WHERE state <> 'idle' AND pending_in_clear IS NOT NULL",
    );
    expect(inClear).toEqual([]);
    expect(await now.entries({ limit: 9 })).toMatchObject([{ traits: ["name", "field:plan"] }]);
    expect((await takeOne(now, waiting, Date.now()))?.traits).toEqual({ name: "Wim", "field:plan": "pro" });
    await now.close();
  });

  test("of a later version is refused in words, and left as it is", async () => {
    const url = await postgres.newDatabase();
    const now = await openLedger(url, dataKey, channelId);
    await now.takeOver();
    await now.close();
    await postgres.run(url, "INSERT INTO vambe_identity.migration (version, needs) VALUES (1000, 1000)");
    for (const ledger of [await openLedger(url, dataKey, channelId), await openExistingLedger(url)]) {
      await expect(ledger.readSecret("keys")).rejects.toThrow(/later version/);
      await expect(ledger.takeOver()).rejects.toThrow(/later version/);
      await ledger.close();
    }
  });

  test("is not made in a database that cannot hold every name", async () => {
    const url = new URL(await postgres.newDatabase());
    await postgres.run(
      url.href,
      `CREATE DATABASE latin_${url.pathname.slice(1)} ENCODING 'LATIN1' TEMPLATE template0`,
    );
    url.pathname = `/latin_${url.pathname.slice(1)}`;
    const ledger = await openLedger(url.href, dataKey, channelId);
    await expect(ledger.takeOver()).rejects.toThrow(/has to be UTF-8/);
    await ledger.close();
  });

  test("takes one that was made ahead, for an account that may not make any", async () => {
    const url = new URL(await postgres.newDatabase());
    const name = `limited_${url.pathname.slice(1)}`;
    const statements = [
      `CREATE ROLE ${name} LOGIN PASSWORD 'limited'`,
      `REVOKE CREATE ON DATABASE ${url.pathname.slice(1)} FROM PUBLIC`,
    ];
    for (const statement of statements) await postgres.run(url.href, statement);
    const limited = new URL(url);
    limited.username = name;
    limited.password = "limited";
    const refused = await openLedger(limited.href, dataKey, channelId);
    expect(await complaint(refused.takeOver())).toMatch(/needs a schema vambe_identity/);
    await postgres.run(url.href, `CREATE SCHEMA vambe_identity AUTHORIZATION ${name}`);
    await refused.takeOver();
    expect(await refused.outbox()).toEqual({ pending: 0, withheld: 0, rejected: 0 });
    await refused.close();
  });

  test("is not made by a command that only looks in", async () => {
    const url = await postgres.newDatabase();
    const ledger = await openExistingLedger(url);
    await expect(ledger.outbox()).rejects.toThrow(/start the exchange once before/);
    expect(await postgres.run(url, "SELECT to_regnamespace('vambe_identity') AS found")).toEqual([
      { found: null },
    ]);
    await ledger.close();
  });
});

describe("what goes wrong is said in words that hold no secret:", () => {
  const change = async (changes: Partial<Record<"port" | "password" | "pathname", string>>) =>
    Object.assign(new URL(await postgres.newDatabase()), changes).href;

  test.each([
    ["nobody there", { port: "1" }, /127\.0\.0\.1:1 cannot be reached \(ECONNREFUSED\)/],
    ["a wrong password", { password: `${PASSWORD}-no` }, /refuses the user or the password/],
    ["no such database", { pathname: "/Secretdatabase" }, /has no database of the name/],
  ] as const)("%s", async (_, changes, words) => {
    const ledger = await openLedger(await change(changes), dataKey, channelId);
    for (const call of [ledger.takeOver(), ledger.outbox()]) {
      const said = await complaint(call);
      expect(said).toMatch(words);
      expect(said).not.toMatch(/Secret|tester/);
    }
    await ledger.close();
  });

  test("a statement that fails on a value", async () => {
    const ledger = await openLedger(await postgres.newDatabase(), dataKey, channelId);
    const traits = { name: "Secretname" };
    const userId = "Secretname \u0000";
    const said = await complaint(ledger.record({ channelId, userId, traits, verified: true }, 0));
    expect(said).toMatch(/SQLSTATE/);
    expect(said).not.toMatch(/Secretname/);
    await ledger.close();
  });
});

test("what Vambe says comes to the ledger as text that it can hold", async () => {
  const ledger = await openEmpty();
  const now = Date.now();
  await ledger.record({ channelId, userId: "u", traits: { name: "Jane" }, verified: true }, now);
  const delivery = await ledger.takeNext(now);
  if (!delivery) throw new Error("nothing is due");
  const contactId = "id \u0000 \ud800";
  await ledger.settle(delivery, { kind: "delivered", sent: delivery.traits, contactId }, now);
  expect((await ledger.outbox()).pending).toBe(0);
  await ledger.close();
});
