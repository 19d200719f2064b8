import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { SqliteLedger } from "../../server/ledger/sqlite/ledger.ts";
import { fillBacklog } from "../support/backlog.ts";
import { startCommand } from "../support/command.ts";
import { dataKeyOf } from "../support/data-key.ts";
import { eventually } from "../support/eventually.ts";
import { pausesDuring } from "../support/loop-pauses.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { startWorld } from "../support/world.ts";

const ROWS = 1_000_000;
const channelId = "a1b2c3d4-e5f6-7890-abcd-ef1234567890";
/** However slow the machine is: what stands still is noticed by `eventually`. In milliseconds. */
const AS_LONG_AS_IT_MOVES = 20 * 60_000;
/** No one pause may be more than this part of the work: what a stroke of work at once would be. */
const PART = 1 / 10;

function openFull(state: string) {
  const folder = temporaryFolder();
  const path = folder.file("ledger.db");
  const open = () => new SqliteLedger(path, dataKeyOf("key"), channelId);
  const ledger = open();
  fillBacklog(path, channelId, ROWS, state);
  return { ledger, open, count: (where: string) => countIn(path, where), [Symbol.dispose]: folder.remove };
}

function countIn(path: string, where: string): number {
  const db = new DatabaseSync(path);
  try {
    return Number(db.prepare(`SELECT count(*) AS n FROM (SELECT 1 FROM contact WHERE ${where})`).get()?.n);
  } finally {
    db.close();
  }
}

const claimOf = (userId: string) => ({ channelId, userId, traits: { name: "Jane" }, verified: true });

describe("a million rows in SQLite", { timeout: AS_LONG_AS_IT_MOVES }, () => {
  test("that were withheld are released once their field exists: also over a stop, and with turns for others", async () => {
    using db = openFull("withheld");
    await db.ledger.takeOver();
    await db.ledger.markMissing({ key: "plan", probeAt: Date.now(), attempts: 1 });
    await db.ledger.clearMissing("plan", Date.now());
    // As far as it has come; and no more than this is done at a stop.
    await db.ledger.close();
    const released = db.count("state = 'pending'");
    expect(released).toBeGreaterThan(0);
    expect(released).toBeLessThan(ROWS / 2);

    const next = db.open();
    const { longest, total } = await pausesDuring(async () => {
      await next.takeOver();
      expect(await next.record(claimOf("new"), Date.now())).toMatchObject({ outcome: "changed" });
      expect((await next.outbox(1)).withheld).toBe(1);
      await eventually("all are released", async () => (await next.outbox(1)).withheld === 0, {
        everyMs: 100,
        moves: () => db.count("state = 'pending'"),
      });
    });
    expect(db.count("state = 'pending'")).toBe(ROWS + 1);
    expect(await next.missingFields()).toEqual([]);
    expect(longest).toBeLessThan(total * PART);
    await next.close();
  });

  test("that wait in back-off are due when Vambe is back, with turns for others", async () => {
    using db = openFull("pending");
    const now = Date.now();
    const { longest, total } = await pausesDuring(async () => {
      await db.ledger.wakeAll(now);
      expect(await db.ledger.record(claimOf("new"), now)).toMatchObject({ outcome: "changed" });
      const late = `state = 'pending' AND channel_id = '${channelId}' AND next_attempt_at > ${now}`;
      await eventually("all are due", () => db.count(`${late} LIMIT 1`) === 0, {
        everyMs: 500,
        moves: () => ROWS - db.count(late),
      });
    });
    expect(longest).toBeLessThan(Math.max(total * PART, 500));
    await db.ledger.close();
  });

  test("that were rejected are retried by a command that is broken off and called again, while new users are stored", async () => {
    await using world = await startWorld();
    world.vambe.standIn.setFault("down");
    fillBacklog(world.database, world.channelId, ROWS, "rejected");
    const environment = { VAMBE_DATABASE_URL: `file:${world.database}` };
    const isRetried = "user_id LIKE 'waiting-%' AND state = 'pending'";
    const retryAll = () => startCommand(["outbox", "retry", "--all"], environment);
    await retryAll().interrupt(() => countIn(world.database, `${isRetried} LIMIT 1`) > 0);
    expect(countIn(world.database, isRetried)).toBeLessThan(ROWS);

    const again = retryAll();
    let stored = 0;
    const visitors = (async () => {
      for (; again.isRunning(); stored += 1) expect((await world.signIn(`new-${stored}`)).status).toBe(200);
    })();
    await eventually("the command has ended", () => !again.isRunning(), {
      moves: () => countIn(world.database, isRetried),
    });
    await visitors;
    const { code, output } = await again.ended;
    expect(code).toBe(0);
    // Those that the exchange has in hand just then are counted or not.
    expect(Number(/^Due now: (\d+)\./.exec(output)?.[1])).toBeGreaterThan(ROWS - 1000);
    expect(stored).toBeGreaterThan(1);
    expect(countIn(world.database, `${isRetried} AND attempts = 0`)).toBeGreaterThan(ROWS - 1000);
  });
});
