import { DatabaseSync } from "node:sqlite";
import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { SqliteLedger } from "../../../../server/ledger/sqlite/ledger.ts";
import { dataKeyOf } from "../../../support/data-key.ts";
import { takeOne } from "../../../support/take-one.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

const channelId = "a1b2c3d4-e5f6-7890-abcd-ef1234567890";
const claimOf = (userId: string) => ({ channelId, userId, traits: { name: userId }, verified: true });

function openBesideAnother() {
  const folder = temporaryFolder();
  const path = folder.file("ledger.db");
  const ledger = new SqliteLedger(path, dataKeyOf("key"), channelId);
  const other = new DatabaseSync(path);
  const lock = () => other.exec("BEGIN IMMEDIATE");
  const release = () => other.exec("COMMIT");
  const dispose = async () => {
    other.close();
    // One that a test has closed is not open any more.
    await ledger.close().catch(() => {});
    folder.remove();
  };
  return { ledger, lock, release, [Symbol.asyncDispose]: dispose };
}

test("writes that wait for another process go in the order in which they came, those that come meanwhile last", async () => {
  await using db = openBesideAnother();
  db.lock();
  const stored: string[] = [];
  const store = async (userId: string) => {
    await db.ledger.record(claimOf(userId), Date.now());
    stored.push(userId);
  };
  const ids = Array.from({ length: 20 }, (_, at) => `u${at}`);
  const storing = ids.map(store);
  await setImmediate();
  expect(stored).toEqual([]);
  db.release();
  await storing[0];
  await store("late");
  await Promise.all(storing);
  expect(stored).toEqual([...ids, "late"]);
});

test("every kind of write waits, and is done once", async () => {
  await using db = openBesideAnother();
  const { ledger } = db;
  const now = Date.now();
  await ledger.record(claimOf("taken"), now);
  await ledger.record(claimOf("forgotten"), now);
  db.lock();
  const writes = [
    takeOne(ledger, { channelId, userId: "taken" }, now),
    ledger.forget("forgotten"),
    ledger.replaceSecret("key", undefined, "made"),
    ledger.useOnce("proof", now + 60_000, now),
    ledger.useOnce("proof", now + 60_000, now),
    ledger.countSecretUses([{ secret: "s", kid: "", proofs: 2, lastAt: now }]),
    ledger.markTaken("plan"),
    ledger.markMissing({ key: "plan", probeAt: now, attempts: 1 }),
    // Whoever has it locked can write to it.
    ledger.proveWrite(now),
  ];
  await setImmediate();
  expect(await ledger.missingFields()).toEqual([]);
  db.release();
  expect(await Promise.all(writes)).toEqual([
    expect.objectContaining({ traits: { name: "taken" } }),
    true,
    true,
    true,
    false,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  expect(await ledger.secretUses()).toEqual([{ secret: "s", kid: "", proofs: 2, lastAt: now }]);
  expect(await ledger.wasEverTaken("plan")).toBe(true);
  expect(await ledger.missingFields()).toHaveLength(1);
});

test("who does not let go is given up on, in SQLite's words, and what comes after that is stored", async () => {
  await using db = openBesideAnother();
  db.lock();
  await expect(db.ledger.record(claimOf("u"), Date.now())).rejects.toThrow(/locked/);
  db.release();
  expect(await db.ledger.record(claimOf("u"), Date.now())).toEqual({ outcome: "changed", generation: 1 });
});

test("a stop waits for what is to be stored", async () => {
  await using db = openBesideAnother();
  db.lock();
  const storing = db.ledger.record(claimOf("u"), Date.now());
  const closed = db.ledger.close();
  await setImmediate();
  db.release();
  expect(await storing).toEqual({ outcome: "changed", generation: 1 });
  await closed;
});

test("what nobody could be stored for in all their time makes it not ready, until a write goes through again", async () => {
  await using db = openBesideAnother();
  const { ledger } = db;
  db.lock();
  // Somebody is writing at this moment: that it can be written needs no other proof.
  await ledger.proveWrite(Date.now());
  await expect(ledger.record(claimOf("u"), Date.now())).rejects.toThrow(/locked/);
  await expect(ledger.proveWrite(Date.now())).rejects.toThrow("another process has had the database locked");
  db.release();
  await ledger.proveWrite(Date.now());
  db.lock();
  await ledger.proveWrite(Date.now());
  db.release();
});
