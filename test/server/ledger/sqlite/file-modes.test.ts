import { chmodSync, chownSync, readdirSync, statSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { SqliteLedger } from "../../../../server/ledger/sqlite/ledger.ts";
import { dataKeyOf } from "../../../support/data-key.ts";
import { type TemporaryFolder, temporaryFolder } from "../../../support/temporary-folder.ts";

let folder: TemporaryFolder;
let warnings: string[];
beforeEach(() => {
  folder = temporaryFolder();
  warnings = [];
});
afterEach(() => folder.remove());

const open = () =>
  new SqliteLedger(folder.file("ledger.db"), dataKeyOf("key"), "c", (text) => warnings.push(text));
const claim = { channelId: "c", userId: "u", traits: { name: "Jane" }, verified: true };
const openToOthers = () =>
  readdirSync(folder.path).filter((name) => (statSync(folder.file(name)).mode & 0o077) !== 0);

test("a database that everybody can read, and its log, are the owner's alone after the next start", async () => {
  const before = open();
  await before.record(claim, Date.now());
  for (const name of readdirSync(folder.path)) chmodSync(folder.file(name), 0o644);
  expect(openToOthers()).toEqual(["ledger.db", "ledger.db-shm", "ledger.db-wal"]);
  const after = open();
  await after.record({ ...claim, userId: "another" }, Date.now());
  expect(openToOthers()).toEqual([]);
  expect(warnings).toEqual([]);
  await after.close();
  await before.close();
});

test("a folder in which everybody can write is warned of, and one with the sticky bit is not", async () => {
  chmodSync(folder.path, 0o777);
  await open().close();
  expect(warnings).toEqual([expect.stringContaining("chmod o-w")]);
  chmodSync(folder.path, 0o1777);
  await open().close();
  expect(warnings.length).toBe(1);
  chmodSync(folder.path, 0o700);
});

// Only root can give a file to somebody else.
test.skipIf(process.getuid?.() !== 0)(
  "a database of somebody else that everybody can read is warned of, with the remedy",
  async () => {
    await open().close();
    chmodSync(folder.path, 0o777);
    chmodSync(folder.file("ledger.db"), 0o666);
    chownSync(folder.file("ledger.db"), 12345, 12345);
    const { seteuid } = process;
    seteuid?.(54321);
    try {
      await open().close();
    } finally {
      seteuid?.(0);
    }
    expect(warnings.join("\n")).toMatch(/signing key.*chmod 600/);
    expect(warnings.filter((text) => text.includes("chmod 600")).length).toBe(1);
  },
);
