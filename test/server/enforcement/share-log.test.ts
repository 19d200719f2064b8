import { afterEach, beforeEach, expect, test } from "vitest";
import { sayIfDue } from "../../../server/enforcement/share-log.ts";
import { SqliteLedger } from "../../../server/ledger/sqlite/ledger.ts";
import { createLog } from "../../../server/log.ts";
import { dataKeyOf } from "../../support/data-key.ts";

const HOUR = 3600_000;
const NOON = Date.parse("2026-03-01T12:00:00Z");
const SHOP = "https://shop.example.com";

let ledger: SqliteLedger;
let logged: Record<string, unknown>[];
beforeEach(() => {
  ledger = new SqliteLedger(":memory:", dataKeyOf("key"), "c");
  logged = [];
});
afterEach(() => ledger.close());

const log = createLog((line) => logged.push(JSON.parse(line)));
const count = (how: string, times: number, at: number, origin = SHOP) =>
  ledger.countIdentifies([{ origin, outcome: "identified", how, count: times }], at);
/** What is said at a time, without that. */
async function saidAt(at: number) {
  logged = [];
  await sayIfDue(ledger, log, at);
  return logged.map(({ time, ...said }) => said);
}

test("nothing is said before identifies have come for an hour", async () => {
  expect(await saidAt(NOON)).toEqual([]);
  await count("none", 1, NOON + 59 * 60_000);
  expect(await saidAt(NOON + HOUR)).toEqual([]);
  expect(await saidAt(NOON + 2 * HOUR - 1)).toEqual([]);
  expect(await saidAt(NOON + 2 * HOUR)).toHaveLength(1);
});

test("once a day it is said how much was proven, and which pages send no proof", async () => {
  await count("jwt", 987, NOON);
  await count("none", 10, NOON, "https://help.example.com");
  await count("none", 3, NOON, "https://blog.example.com");
  expect(await saidAt(NOON + 2 * HOUR)).toEqual([
    {
      level: "warn",
      event: expect.stringMatching(/without a proof.*VAMBE_ALLOW_UNVERIFIED/),
      count: 1000,
      proven_percent: 98.7,
      origins: "https://help.example.com, https://blog.example.com",
    },
  ]);
  await count("jwt", 1, NOON + 25 * HOUR);
  expect(await saidAt(NOON + 26 * HOUR - 1)).toEqual([]);
  expect(await saidAt(NOON + 26 * HOUR)).toMatchObject([{ proven_percent: 100 }]);
});

test("no more than five pages are named, and how many the others are", async () => {
  for (let number = 0; number < 8; number++)
    await count("none", 9 - number, NOON, `https://${number}.example.com`);
  const [said] = await saidAt(NOON + 2 * HOUR);
  expect(said?.origins).toBe(
    "https://0.example.com, https://1.example.com, https://2.example.com, https://3.example.com, https://4.example.com, and 3 more",
  );
});

test("no page is named where each sends some proofs", async () => {
  await count("jwt", 1, NOON);
  await count("none", 1, NOON);
  const [said] = await saidAt(NOON + 2 * HOUR);
  expect(said).toMatchObject({ proven_percent: 50 });
  expect(said).not.toHaveProperty("origins");
});

test("that VAMBE_ALLOW_UNVERIFIED can be switched off is said only after a whole day in which all were proven", async () => {
  await count("jwt", 20, NOON);
  expect(await saidAt(NOON + 2 * HOUR)).toMatchObject([
    {
      level: "info",
      event: expect.stringContaining("if that stays so for a day"),
      count: 20,
      proven_percent: 100,
    },
  ]);
  await count("jwt", 30, NOON + 25 * HOUR);
  expect(await saidAt(NOON + 26 * HOUR)).toMatchObject([
    {
      level: "info",
      event: expect.stringMatching(/was proven: VAMBE_ALLOW_UNVERIFIED can be switched off$/),
    },
  ]);
});

test("nothing is said of a day on which nobody came, and it is said as soon as somebody comes", async () => {
  await count("jwt", 1, NOON);
  await saidAt(NOON + 2 * HOUR);
  expect(await saidAt(NOON + 60 * HOUR)).toEqual([]);
  await count("jwt", 1, NOON + 61 * HOUR);
  expect(await saidAt(NOON + 61 * HOUR)).toHaveLength(1);
});

test("of several instances that look at once, one says it; and none again after a restart", async () => {
  await count("none", 1, NOON);
  await Promise.all(Array.from({ length: 5 }, () => sayIfDue(ledger, log, NOON + 2 * HOUR)));
  expect(logged).toHaveLength(1);
  expect(await saidAt(NOON + 3 * HOUR)).toEqual([]);
});

test("a time that lies ahead was a clock's mistake, and keeps nobody quiet", async () => {
  await count("none", 1, NOON + 900 * HOUR);
  expect(await saidAt(NOON + 902 * HOUR)).toHaveLength(1);
  await count("none", 1, NOON);
  expect(await saidAt(NOON + 2 * HOUR)).toHaveLength(1);
});
