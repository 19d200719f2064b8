import { DatabaseSync } from "node:sqlite";
import { setImmediate } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { SqliteLedger } from "../../../../server/ledger/sqlite/ledger.ts";
import { fillBacklog } from "../../../support/backlog.ts";
import { dataKeyOf } from "../../../support/data-key.ts";
import { eventually } from "../../../support/eventually.ts";
import { takeOne } from "../../../support/take-one.ts";
import { type TemporaryFolder, temporaryFolder } from "../../../support/temporary-folder.ts";

const channelId = "a1b2c3d4-e5f6-7890-abcd-ef1234567890";
const ROWS = 20_000;

let folder: TemporaryFolder;
let ledger: SqliteLedger;
const open = (state = "pending", rows = ROWS) => {
  ledger = new SqliteLedger(folder.file("ledger.db"), dataKeyOf("key"), channelId);
  fillBacklog(folder.file("ledger.db"), channelId, rows, state);
};
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await ledger.close();
  folder.remove();
});

const untilReleased = () =>
  eventually("all are released", async () => (await ledger.outbox(1)).withheld === 0);

function countOf(where: string, ...values: number[]): number {
  const db = new DatabaseSync(folder.file("ledger.db"));
  const found = db.prepare(`SELECT count(*) AS n FROM contact WHERE ${where}`).get(...values);
  db.close();
  return Number(found?.n);
}

/** How the statements that a call has prepared go about it, as SQLite says. */
async function plansOf(call: () => Promise<unknown>): Promise<string[]> {
  const prepare = vi.spyOn(DatabaseSync.prototype, "prepare");
  await call();
  const statements = prepare.mock.calls.map(([sql]) => sql).filter((sql) => /contact|payload/.test(sql));
  prepare.mockRestore();
  const db = new DatabaseSync(folder.file("ledger.db"));
  const plans = statements.map((sql) => {
    const steps = db
      .prepare(`EXPLAIN QUERY PLAN ${sql}`)
      .all()
      .map(({ detail }) => String(detail));
    return steps.join("; ") + (/\bLIMIT\b/.test(sql) ? "; up to a limit" : "");
  });
  db.close();
  return plans;
}

describe("while many rows wait, what is asked all the time looks at a few of them:", () => {
  test.each([
    [
      "recording a claim",
      () => ledger.record({ channelId, userId: "u", traits: {}, verified: true }, Date.now()),
    ],
    ["taking one user's row", () => takeOne(ledger, { channelId, userId: "waiting-7" }, Date.now())],
    ["taking the row that is due first, where none is", () => ledger.takeNext(Date.now())],
    ["taking it where one is", () => ledger.takeNext(Date.now() + 400_000)],
    [
      "taking one that has never failed, where all have",
      () => ledger.takeNext(Date.now() + 400_000, { isUntried: true }),
    ],
    ["a retry of one user", () => ledger.retry("waiting-7", Date.now())],
    ["a resend of one user", () => ledger.resend("waiting-7", Date.now())],
    [
      "a move of one user",
      () => ledger.move({ from: channelId, to: "other", userId: "waiting-7" }, dataKeyOf("key"), Date.now()),
    ],
    ["forgetting one", () => ledger.forget("waiting-7")],
    ["the age of the oldest", () => ledger.oldestPending()],
  ])("%s", async (_, call) => {
    open();
    const plans = await plansOf(call);
    expect(plans.length).toBeGreaterThan(0);
    expect(plans.filter((plan) => /\bSCAN (?!json_each|channel\b)|TEMP B-TREE/.test(plan))).toEqual([]);
  });

  test.each([
    ["when the next one is due", () => ledger.nextDueAt(Date.now())],
    ["how many there are, up to a bound", () => ledger.outbox(100)],
    ["the first of a list", () => ledger.entries({ limit: 50 })],
    ["the first of a list of one state", () => ledger.entries({ limit: 50, state: "pending" })],
  ])("%s", async (_, call) => {
    open();
    const plans = await plansOf(call);
    expect(plans.length).toBeGreaterThan(0);
    const all = /\bSCAN (contact|payload)|INDEX \w+(;|$)/;
    const unbounded = plans.filter((plan) => all.test(plan) && !plan.includes("up to a limit"));
    expect(unbounded).toEqual([]);
    expect(plans.filter((plan) => plan.includes("TEMP B-TREE"))).toEqual([]);
  });

  test("a count goes up to the bound that is given", async () => {
    open();
    expect(await ledger.outbox(10_000)).toEqual({ pending: 10_000, withheld: 0, rejected: 0 });
    expect(await ledger.outbox()).toEqual({ pending: ROWS, withheld: 0, rejected: 0 });
  });
});

describe("while many rows are changed, others have their turn in between:", () => {
  /** How often something else could run meanwhile. */
  async function turnsDuring(call: () => Promise<unknown>): Promise<number> {
    let turns = 0;
    let over = false;
    const count = () => {
      turns += 1;
      if (!over) void setImmediate().then(count);
    };
    void setImmediate().then(count);
    await call();
    over = true;
    return turns;
  }
  const atLeast = 5;

  test("when Vambe is back, every row is due, and an identify is stored meanwhile", async () => {
    open();
    const now = Date.now();
    const late = () => countOf("next_attempt_at > ?", now);
    const waking = turnsDuring(async () => {
      await ledger.wakeAll(now);
      await eventually("all are due", () => late() === 0);
    });
    const identified = ledger.record({ channelId, userId: "u", traits: { name: "x" }, verified: true }, now);
    expect(await identified).toMatchObject({ outcome: "changed" });
    expect(await waking).toBeGreaterThan(atLeast);
    expect(await ledger.nextDueAt(now)).toBeLessThanOrEqual(now);
  });

  test("when a field exists at Vambe, every row that was withheld for it", async () => {
    open("withheld");
    await ledger.markMissing({ key: "plan", probeAt: Date.now(), attempts: 1 });
    const releasing = turnsDuring(async () => {
      await ledger.clearMissing("plan", Date.now());
      await untilReleased();
    });
    expect(await releasing).toBeGreaterThan(atLeast);
    expect(await ledger.outbox()).toEqual({ pending: ROWS, withheld: 0, rejected: 0 });
    expect(await ledger.missingFields()).toEqual([]);
  });

  test("when a field is looked for that nobody waits for", async () => {
    open("withheld");
    const looking = turnsDuring(() => ledger.takeWithheld("another", Date.now()));
    expect(await looking).toBeGreaterThan(atLeast);
  });

  test("when an operator resends all", async () => {
    open("idle");
    const db = new DatabaseSync(folder.file("ledger.db"));
    db.exec(`UPDATE contact SET confirmed = '{"name":"x"}'`);
    db.close();
    let resent: unknown;
    const resending = turnsDuring(async () => {
      resent = await ledger.resend(undefined, Date.now());
    });
    expect(await resending).toBeGreaterThan(atLeast);
    expect(resent).toEqual({ rows: ROWS, due: 0 });
    expect(countOf("confirmed <> '{}'")).toBe(0);
  });

  test("when an operator moves all to another channel", async () => {
    open("rejected");
    const to = "00000000-0000-0000-0000-000000000000";
    const moving = turnsDuring(() => ledger.move({ from: channelId, to }, dataKeyOf("key"), Date.now()));
    expect(await moving).toBeGreaterThan(atLeast);
    expect(countOf(`channel_id = '${channelId}'`)).toBe(0);
  });

  test("when an operator retries all", async () => {
    open("rejected");
    expect(await turnsDuring(() => ledger.retry(undefined, Date.now()))).toBeGreaterThan(atLeast);
    expect(await ledger.outbox()).toEqual({ pending: ROWS, withheld: 0, rejected: 0 });
  });
});

describe("many rows that wait under another channel", () => {
  const other = "00000000-0000-0000-0000-000000000000";
  const key = dataKeyOf("key");
  const MANY = 4000;
  /** As after a wrong setting: sealed, and every fourth user has a row under the right channel too. */
  const openOther = async () => {
    ledger = new SqliteLedger(folder.file("ledger.db"), key, channelId);
    fillBacklog(folder.file("ledger.db"), other, MANY, "rejected");
    const db = new DatabaseSync(folder.file("ledger.db"));
    db.exec("BEGIN");
    const seal = db.prepare("UPDATE payload SET sealed = ? WHERE user_id = ?");
    for (let at = 1; at <= MANY; at++) {
      const userId = `waiting-${at}`;
      seal.run(key.seal({ channelId: other, userId }, { name: "Old", "field:plan": "pro" }), userId);
    }
    db.exec("COMMIT");
    db.close();
    for (let at = 4; at <= MANY; at += 4)
      await ledger.record(
        { channelId, userId: `waiting-${at}`, traits: { name: "New" }, verified: true },
        Date.now(),
      );
  };
  const move = () => ledger.move({ from: other, to: channelId }, key, Date.now());

  test("are moved by a command that is broken off and called again, and nothing is lost", async () => {
    await openOther();
    const broken = move().catch(() => {});
    await eventually("it is in the middle", () => countOf(`channel_id = '${other}'`) < MANY);
    await ledger.close();
    await broken;
    const left = countOf(`channel_id = '${other}'`);
    expect(left).toBeGreaterThan(0);
    ledger = new SqliteLedger(folder.file("ledger.db"), key, channelId);
    expect((await move()).moved).toBe(left);
    expect(countOf(`channel_id = '${other}'`)).toBe(0);
    expect(countOf("state = 'pending' AND attempts = 0")).toBe(MANY);
    for (const [userId, traits] of [
      ["waiting-4", { name: "New", "field:plan": "pro" }],
      ["waiting-5", { name: "Old", "field:plan": "pro" }],
    ] as const)
      expect((await takeOne(ledger, { channelId, userId }, Date.now()))?.traits).toEqual(traits);
  });
});

test("a release of withheld rows that an error has broken off is said, and ended without a restart", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  const warned: string[] = [];
  ledger = new SqliteLedger(folder.file("ledger.db"), dataKeyOf("key"), channelId, (text) =>
    warned.push(text),
  );
  fillBacklog(folder.file("ledger.db"), channelId, ROWS, "withheld");
  await ledger.takeOver();
  await ledger.markMissing({ key: "plan", probeAt: Date.now(), attempts: 1 });
  await ledger.clearMissing("plan", Date.now());
  const other = new DatabaseSync(folder.file("ledger.db"));
  other.exec("PRAGMA busy_timeout = 5000; BEGIN IMMEDIATE");
  await eventually("it has given up on the other process", () => warned.length > 0);
  expect(warned[0]).toMatch(/could be made due, and the others follow: .*locked/);
  expect((await ledger.outbox()).withheld).toBeGreaterThan(0);
  other.exec("COMMIT");
  other.close();
  vi.advanceTimersByTime(15_000);
  await untilReleased();
  vi.useRealTimers();
});

test("a stop while more rows wait than are written anew at once says so, and keeps them", async () => {
  const warned: string[] = [];
  const openTold = () =>
    new SqliteLedger(folder.file("ledger.db"), dataKeyOf("key"), channelId, (text) => warned.push(text));
  ledger = openTold();
  fillBacklog(folder.file("ledger.db"), channelId, 5001);
  await ledger.takeOver();
  await ledger.close();
  expect(warned).toEqual([expect.stringMatching(/more than 5000 rows wait.*until a stop with fewer/)]);
  ledger = openTold();
  expect(await ledger.outbox()).toEqual({ pending: 5001, withheld: 0, rejected: 0 });
});

test("a release of withheld rows that a crash has broken off is ended at the next start", async () => {
  open("withheld", 5000);
  await ledger.markMissing({ key: "plan", probeAt: Date.now(), attempts: 1 });
  const broken = ledger.clearMissing("plan", Date.now()).catch(() => {});
  // As far as it has come by then, and no further.
  await setImmediate();
  await ledger.close();
  await broken;
  ledger = new SqliteLedger(folder.file("ledger.db"), dataKeyOf("key"), channelId);
  const { withheld } = await ledger.outbox();
  expect(withheld).toBeGreaterThan(0);
  expect(withheld).toBeLessThan(5000);
  await ledger.takeOver();
  await untilReleased();
  expect(await ledger.outbox()).toEqual({ pending: 5000, withheld: 0, rejected: 0 });
  expect(await ledger.missingFields()).toEqual([]);
});
