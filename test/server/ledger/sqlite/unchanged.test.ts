import { setImmediate as aTurn } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Claim } from "../../../../server/ledger/row.ts";
import { SqliteLedger } from "../../../../server/ledger/sqlite/ledger.ts";
import { dataKeyOf } from "../../../support/data-key.ts";
import { takeOne } from "../../../support/take-one.ts";
import { type TemporaryFolder, temporaryFolder } from "../../../support/temporary-folder.ts";

const channelId = "a1b2c3d4-e5f6-7890-abcd-ef1234567890";
let folder: TemporaryFolder;
let ledger: SqliteLedger;
beforeEach(async () => {
  folder = temporaryFolder();
  ledger = open();
  await record(free);
  await isDelivered();
  expect((await record(free)).outcome).toBe("unchanged");
});
afterEach(async () => {
  await ledger.close();
  folder.remove();
});

const open = () => new SqliteLedger(folder.file("ledger.db"), dataKeyOf("key"), channelId);
const record = (claim: Claim) => ledger.record(claim, Date.now());
const claimOf = (plan: string): Claim => ({
  channelId,
  userId: "jane",
  traits: { "field:plan": plan },
  verified: true,
});
const free = claimOf("free");

async function isDelivered(): Promise<void> {
  const delivery = await takeOne(ledger, free, Date.now());
  if (!delivery) throw new Error("Jane is not to be had");
  const isSent = { kind: "delivered", sent: delivery.traits, contactId: undefined } as const;
  await ledger.settle(delivery, isSent, Date.now());
}

describe("a claim that was confirmed a moment ago is looked at anew", () => {
  test("where this process has written since, in the same turn of the event loop", async () => {
    await aTurn();
    expect((await record(free)).outcome).toBe("unchanged");
    await ledger.forget("jane");
    expect(await record(free)).toEqual({ outcome: "changed", generation: 1 });
  });

  test("where another process has", async () => {
    const other = open();
    expect(await other.forget("jane")).toBe(true);
    await other.close();
    await aTurn();
    expect(await record(free)).toEqual({ outcome: "changed", generation: 1 });
  });

  test("where it was delivered again with something else", async () => {
    await record(claimOf("pro"));
    await isDelivered();
    expect((await record(free)).outcome).toBe("changed");
  });
});

describe("what was confirmed a moment ago is", () => {
  test("the same claim by another proof, which is remembered as the newest", async () => {
    const provenAt = Date.now();
    expect(await record({ ...claimOf("free"), provenAt })).toEqual({ outcome: "unchanged", withheld: [] });
    expect(await record({ ...claimOf("pro"), provenAt: provenAt - 1000 })).toMatchObject({
      outdated: ["field:plan"],
    });
  });

  test("no claim of another user, or of one whom nothing proves", async () => {
    expect((await record({ ...free, userId: "john" })).outcome).toBe("changed");
    expect(await record({ ...free, verified: false })).toEqual({
      outcome: "unchanged",
      withheld: [],
      overruled: true,
    });
    expect((await record({ ...free, channelId: "another" })).outcome).toBe("changed");
  });
});
