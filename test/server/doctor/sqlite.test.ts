import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, copyFileSync, mkdirSync, statfsSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DataKey } from "../../../server/ledger/data-key.ts";
import { openLedger } from "../../../server/ledger/open.ts";
import { unlock } from "../../../server/ledger/unlock.ts";
import { eventually } from "../../support/eventually.ts";
import { type TemporaryFolder, temporaryFolder } from "../../support/temporary-folder.ts";
import { runDoctor, startHealthyWorld } from "./doctor.ts";

const API_KEY = "key-of-this-test-0123456789";
const CHANNEL = "a1b2c3d4-e5f6-4890-abcd-ef1234567890";
const NOBODY = 65534;
const isRoot = process.getuid?.() === 0;

let folder: TemporaryFolder;
let path: string;
beforeAll(async () => {
  folder = temporaryFolder();
  path = folder.file("exchange.db");
  await makeDatabase(path);
});
afterAll(() => folder.remove());

/** As an exchange leaves it that has been stopped. */
async function makeDatabase(at: string) {
  const key = new DataKey();
  const ledger = await openLedger(`file:${at}`, key, CHANNEL);
  await unlock(key, ledger, { apiKey: API_KEY });
  await ledger.takeOver();
  await ledger.close();
}

const doctor = (at = path, more: Record<string, string> = {}) =>
  runDoctor({ VAMBE_API_KEY: API_KEY, VAMBE_CHANNEL_ID: CHANNEL, VAMBE_DATABASE_URL: `file:${at}`, ...more });

/** A copy of it, in a folder of its own. */
function copy(name: string): string {
  mkdirSync(folder.file(name));
  copyFileSync(path, folder.file(`${name}/exchange.db`));
  chmodSync(folder.file(`${name}/exchange.db`), 0o600);
  return folder.file(`${name}/exchange.db`);
}

describe("an SQLite file", () => {
  test("of an exchange that is stopped", async () => {
    const { shows } = await doctor();
    shows("✓", "database", /^SQLite at .*exchange\.db, of this version$/);
    shows("✓", "writable", /committed/);
    shows("✓", "API key fits", /unlocks/);
    shows("✓", "owner and modes", /mode 600/);
    shows("–", "served", /no exchange delivers from it at present/);
  });

  test("that is not there: none is made", async () => {
    const { shows } = await doctor(folder.file("missing.db"));
    shows(
      "!",
      "database",
      /there is none at .*missing\.db/,
      /another file, or the same name from another folder/,
    );
    shows("–", "writable", /could not be opened/);
    shows("–", "owner and modes", /no file yet/);
  });

  test("in a folder that is not there", async () => {
    const { shows } = await doctor(folder.file("nowhere/exchange.db"));
    shows("✗", "database", /there is no folder .*nowhere/, /name another file/);
  });

  test("of another API key", async () => {
    const { shows } = await doctor(path, { VAMBE_API_KEY: "another-key-0123456789" });
    shows("✗", "API key fits", /belongs to another VAMBE_API_KEY.*VAMBE_API_KEY_PREVIOUS/, /does not start/);
    shows("–", "this exchange", /no exchange was reached|needs VAMBE_ALLOWED_ORIGINS/);
  });

  test("of a later version", async () => {
    const later = copy("later");
    const db = new DatabaseSync(later);
    db.exec("PRAGMA user_version = 1000; UPDATE schema_needs SET version = 1000");
    db.close();
    const { shows } = await doctor(later);
    shows("✗", "database", /written by a later version/, /./);
  });

  test("of an earlier version, which is left as it is", async () => {
    const earlier = folder.file("earlier.db");
    copyFileSync(fileURLToPath(new URL("../../faults/fixtures/ledger-v1.sqlite", import.meta.url)), earlier);
    const { shows } = await doctor(earlier);
    shows("!", "database", /of an earlier version/, /make a backup, then start this version's exchange/);
    const db = new DatabaseSync(earlier, { readOnly: true });
    expect(db.prepare("PRAGMA user_version").get()?.user_version).toBe(1);
    db.close();
  });

  test("that is none", async () => {
    const other = folder.file("other.db");
    writeFileSync(other, "a file of somebody else's, and no database at all\n".repeat(100), { mode: 0o600 });
    const { shows } = await doctor(other);
    shows("✗", "database", /cannot be used/, /name the exchange's own file/);
  });

  test("that another process keeps locked: nothing waits for it", async () => {
    const locked = copy("locked");
    const db = new DatabaseSync(locked);
    db.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; CREATE TABLE scratch (x)");
    const { shows } = await doctor(locked);
    shows("✗", "database", /locked by another process/, /an open shell, a copy or an import/);
    db.close();
  });

  test.skipIf(process.platform === "win32")("that other accounts may read", async () => {
    const open = copy("open");
    chmodSync(open, 0o644);
    const { shows } = await doctor(open);
    shows(
      "!",
      "owner and modes",
      /other accounts .* may read user ids and the signing key: its mode is 644/,
      /chmod 600/,
    );
  });

  test.skipIf(!isRoot)("of another account", async () => {
    const others = copy("others");
    chownSync(others, 12_345, 12_345);
    const { shows } = await doctor(others);
    shows(
      "!",
      "owner and modes",
      /belongs to account 12345, and this command runs as account 0/,
      /the exchange's own account/,
    );
  });

  test.skipIf(process.platform === "win32")("that can only be read", async () => {
    const still = copy("still");
    chmodSync(still, 0o444);
    chmodSync(folder.file("still"), 0o555);
    chmodSync(folder.path, 0o755);
    const { text } = await asNobody(still);
    chmodSync(folder.file("still"), 0o755);
    expect(text).toMatch(/✗ writable +the database can only be read\n +→ give this account the right/);
    expect(text).toMatch(/✓ database /);
  });
});

/** Does it as somebody who owns nothing. */
async function asNobody(at: string): Promise<{ text: string }> {
  const child = spawn(process.execPath, ["server/cli/main.ts", "doctor"], {
    cwd: fileURLToPath(new URL("../../..", import.meta.url)),
    env: { PATH: process.env.PATH, VAMBE_API_KEY: API_KEY, VAMBE_DATABASE_URL: `file:${at}` },
    stdio: ["ignore", "pipe", "ignore"],
    ...(isRoot && { uid: NOBODY, gid: NOBODY }),
  });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  await once(child, "close");
  return { text };
}

/** A small file system in memory, where this account may make one. */
function smallDisk(size: string): string | undefined {
  const at = folder?.file(`disk-${size}`);
  if (!isRoot || process.platform !== "linux") return undefined;
  mkdirSync(at);
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", at], { stdio: "ignore" });
    return at;
  } catch {
    return undefined;
  }
}

describe("the disk", () => {
  test("that is nearly full, and forgets what is on it", async ({ skip }) => {
    const small = smallDisk("16m");
    if (small === undefined) skip("this account may mount nothing");
    else {
      try {
        await makeDatabase(`${small}/exchange.db`);
        const { shows } = await doctor(`${small}/exchange.db`);
        shows("✗", "free space", /^1\d MiB are free in /, /make room/);
        shows("!", "durable", /memory \(tmpfs\): what waits is lost/, /a volume that stays/);
      } finally {
        execFileSync("umount", ["-l", small]);
      }
    }
  });

  test("that has room is told of in figures", async () => {
    const { bavail, bsize } = statfsSync(folder.path);
    const free = (bavail * bsize) / 1024 / 1024;
    const { lines } = await doctor();
    const said = lines.find(({ name }) => name === "free space");
    // Others write to it too meanwhile.
    expect(Math.abs(Number(/^\d+/.exec(said?.says ?? "")?.[0]) - free)).toBeLessThan(free / 4 + 64);
  });
});

test("an exchange that serves is named, and is not disturbed", async () => {
  await using world = await startHealthyWorld();
  const before = world.exchange.output();
  const { shows } = await world.doctor();
  shows("✓", "served", new RegExp(`process ${world.exchange.pid()}\\b`));
  await eventually("it is still ready", async () => (await fetch(`${world.exchange.url}/readyz`)).ok);
  expect(world.exchange.output().slice(before.length)).toBe("");
});
