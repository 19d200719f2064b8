import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ContactTraits } from "../../../../server/ledger/contact-traits.ts";
import { SqliteLedger } from "../../../../server/ledger/sqlite/ledger.ts";
import { dataKeyOf } from "../../../support/data-key.ts";
import { takeOne } from "../../../support/take-one.ts";
import { type TemporaryFolder, temporaryFolder } from "../../../support/temporary-folder.ts";
import { identifyCountsContract } from "../identify-counts-contract.ts";
import { ledgerContract } from "../ledger-contract.ts";
import { mendContract } from "../mend-contract.ts";
import { outboxContract } from "../outbox-contract.ts";
import { secretsContract } from "../secrets-contract.ts";

const NOW = Date.parse("2026-03-01T12:00:00Z");
const channelId = "a1b2c3d4-e5f6-7890-abcd-ef1234567890";
const key = dataKeyOf("key");

const inMemory = async () => new SqliteLedger(":memory:", key, channelId);
ledgerContract("SQLite in memory", inMemory);
outboxContract("SQLite in memory", inMemory);
mendContract("SQLite in memory", key, inMemory);
secretsContract("SQLite in memory", async () => {
  const ledger = await inMemory();
  return [ledger, ledger];
});

let folder: TemporaryFolder;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

const inFile = () => new SqliteLedger(folder.file("contract.db"), key, channelId);
ledgerContract("SQLite in a file", async () => inFile());
secretsContract("SQLite in a file, by two handles,", async () => [inFile(), inFile()]);
identifyCountsContract("SQLite in a file, by two handles,", async () => [inFile(), inFile()]);

const open = (name = "ledger.db") => new SqliteLedger(folder.file(name), key, channelId);
const ask = (ledger: SqliteLedger, userId: string, traits: ContactTraits) =>
  ledger.record({ channelId, userId, traits, verified: true }, NOW);
const take = async (ledger: SqliteLedger, userId: string) => {
  const delivery = await takeOne(ledger, { channelId, userId }, NOW);
  if (!delivery) throw new Error(`${userId} is not to be had`);
  return delivery;
};
const deliver = async (ledger: SqliteLedger, userId: string) => {
  const delivery = await take(ledger, userId);
  await ledger.settle(delivery, { kind: "delivered", sent: delivery.traits, contactId: undefined }, NOW);
};

describe("a file", () => {
  test("holds everything after another process has opened it", async () => {
    const ledger = open();
    await ask(ledger, "done", { name: "Done" });
    await deliver(ledger, "done");
    await ask(ledger, "waiting", { name: "Jane", "field:plan": "pro" });
    await ledger.replaceSecret("signing-keys", undefined, "made once");
    await ledger.useOnce("proof", NOW + 1000, NOW);
    // Not closed: what a process leaves behind that was killed.
    const script = `
      import { dataKeyOf } from ${JSON.stringify(import.meta.resolve("../../../support/data-key.ts"))};
      import { SqliteLedger } from ${JSON.stringify(import.meta.resolve("../../../../server/ledger/sqlite/ledger.ts"))};
      const ledger = new SqliteLedger(${JSON.stringify(folder.file("ledger.db"))}, dataKeyOf("key"), ${JSON.stringify(channelId)});
      await ledger.takeOver();
      const claim = (userId, traits) => ({ channelId: ${JSON.stringify(channelId)}, userId, traits, verified: true });
      console.log(JSON.stringify([
        await ledger.record(claim("done", { name: "Done" }), ${NOW}),
        await ledger.record(claim("waiting", { name: "Jane" }), ${NOW}),
        (await ledger.takeNext(${NOW}))?.traits,
        await ledger.replaceSecret("signing-keys", undefined, "made again"),
        await ledger.readSecret("signing-keys"),
        await ledger.useOnce("proof", ${NOW + 1000}, ${NOW}),
      ]));`;
    const printed = execFileSync(process.execPath, ["--input-type=module", "-e", script], {
      encoding: "utf8",
    });
    expect(JSON.parse(printed)).toEqual([
      { outcome: "unchanged", withheld: [] },
      { outcome: "waiting", generation: 1 },
      { name: "Jane", "field:plan": "pro" },
      false,
      "made once",
      false,
    ]);
    await ledger.close();
  });

  test("gives out again what was under way when the process ended", async () => {
    const before = open();
    await ask(before, "u", { name: "Jane" });
    await take(before, "u");
    const after = open();
    await after.takeOver();
    expect(await after.takeNext(NOW)).toMatchObject({ traits: { name: "Jane" } });
    await after.close();
    await before.close();
  });

  test("of which a bit is another than it was costs one user the values that wait, and the next claim brings them again", async () => {
    const ledger = open();
    for (const id of ["u", "v"]) await ask(ledger, id, { name: "Jane" });
    const db = new DatabaseSync(folder.file("ledger.db"));
    db.exec("UPDATE payload SET sealed = substr(sealed, 2) WHERE user_id = 'u'");
    db.close();
    expect((await take(ledger, "v")).traits).toEqual({ name: "Jane" });
    await deliver(ledger, "u");
    expect((await ask(ledger, "u", { name: "Jane" })).outcome).toBe("changed");
    expect((await take(ledger, "u")).traits).toEqual({ name: "Jane" });
    await ledger.close();
  });

  test("writes every commit through to the disk", async () => {
    const ledger = open();
    await ask(ledger, "who-has-just-come", { name: "Jane" });
    const wal = readFileSync(folder.file("ledger.db-wal"));
    expect(wal.includes("who-has-just-come")).toBe(true);
    await ledger.close();
  });
});

describe("what has been delivered is erased", () => {
  const bytesOnDisk = () =>
    Buffer.concat(readdirSync(folder.path).map((name) => readFileSync(join(folder.path, name))));

  const sealedOf = (id: string): Buffer => {
    const db = new DatabaseSync(folder.file("ledger.db"));
    const found = db.prepare("SELECT sealed FROM payload WHERE user_id = ?").get(id);
    db.close();
    return Buffer.from(found?.sealed as Uint8Array);
  };

  test("from every file, so that nothing is left for whoever finds the disk", async () => {
    const ledger = open();
    await ledger.takeOver();
    const ids = Array.from({ length: 200 }, (_, number) => `u${number}`);
    const traits = (id: string) => ({
      name: `Secretname-${id}-${"n".repeat(Number(id.slice(1)))}`,
      email: `secretmail-${id}@example.com`,
      "field:plan": `secretplan-${id}`,
    });
    for (const id of ids) await ask(ledger, id, { name: `Secretname-first-${id}` });
    for (const id of ids) await ask(ledger, id, traits(id));
    expect(bytesOnDisk().toString("latin1")).not.toMatch(/secret(name|mail|plan)/i);
    const sealed = sealedOf("u7");
    expect(bytesOnDisk().includes(sealed)).toBe(true);
    for (const id of ids) await deliver(ledger, id);
    await ledger.close();
    expect(bytesOnDisk().includes(sealed)).toBe(false);
  });

  test("and only that: what still waits stays", async () => {
    const ledger = open();
    await ledger.takeOver();
    await ask(ledger, "a", { name: "Secretname-a" });
    await ask(ledger, "b", { name: "Secretname-b" });
    const [a, b] = [sealedOf("a"), sealedOf("b")];
    await deliver(ledger, "a");
    await ledger.close();
    expect(bytesOnDisk().includes(a)).toBe(false);
    expect(bytesOnDisk().includes(b)).toBe(true);
  });
});

test("a new file is its owner's alone to read, and so is what stands beside it", async () => {
  const ledger = open();
  await ask(ledger, "u", { name: "Jane" });
  for (const name of readdirSync(folder.path)) {
    expect([name, statSync(join(folder.path, name)).mode & 0o077]).toEqual([name, 0]);
  }
  await ledger.close();
});

describe("two handles on one file", () => {
  test("leave each other's work alone where one only looks in", async () => {
    const server = open();
    await server.takeOver();
    await ask(server, "u", { name: "Jane" });
    const delivery = await take(server, "u");
    const command = open();
    expect(await command.takeNext(NOW)).toBeUndefined();
    await command.close();
    expect(await server.takeNext(NOW)).toBeUndefined();
    await server.settle(delivery, { kind: "delivered", sent: delivery.traits, contactId: undefined }, NOW);
    expect(await ask(server, "u", { name: "Jane" })).toEqual({ outcome: "unchanged", withheld: [] });
    await server.close();
  });

  test("give each row out once", async () => {
    const [one, two] = [open(), open()];
    for (let number = 0; number < 50; number++) await ask(one, `u${number}`, { name: "x" });
    const taken = [];
    for (let more = true; more; ) {
      const both = await Promise.all([one.takeNext(NOW), two.takeNext(NOW)]);
      taken.push(...both.flatMap((delivery) => (delivery ? [delivery.userId] : [])));
      more = both.some(Boolean);
    }
    expect(taken.length).toBe(50);
    expect(new Set(taken).size).toBe(50);
    await one.close();
    await two.close();
  });

  test("see each other's changes", async () => {
    const [one, two] = [open(), open()];
    await ask(one, "u", { name: "A" });
    expect(await ask(two, "u", { name: "B" })).toEqual({ outcome: "changed", generation: 2 });
    await one.close();
    await two.close();
  });
});

describe("a file that is not for this version", () => {
  test("because a later one has written it, is refused in words and left as it is", async () => {
    await open().close();
    const later = new DatabaseSync(folder.file("ledger.db"));
    later.exec("PRAGMA user_version = 1000; UPDATE schema_needs SET version = 1000");
    later.close();
    expect(() => open()).toThrow(/later version/);
    const again = new DatabaseSync(folder.file("ledger.db"));
    expect(again.prepare("PRAGMA user_version").get()).toEqual({ user_version: 1000 });
    again.close();
  });

  test("because it is a folder, is refused with the path", () => {
    expect(() => open("")).toThrow(/is a folder: name a file in it/);
  });

  test("because it is no database, is refused and left as it is", () => {
    writeFileSync(folder.file("ledger.db"), "my precious notes, which are longer than a header".repeat(50));
    expect(() => open()).toThrow(/not a database/);
    expect(readFileSync(folder.file("ledger.db"), "utf8")).toMatch(/^my precious notes/);
  });

  test("because its folder does not exist, is refused with the path", () => {
    expect(() => open("no/such/folder/ledger.db")).toThrow(
      `there is no folder ${folder.file("no/such/folder")}. Make it`,
    );
    expect(existsSync(folder.file("no"))).toBe(false);
  });
});
