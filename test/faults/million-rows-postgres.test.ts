import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openLedger } from "../../server/ledger/open.ts";
import { startCommand } from "../support/command.ts";
import { dataKeyOf } from "../support/data-key.ts";
import { eventually } from "../support/eventually.ts";
import { type RunningPostgres, startPostgres } from "../support/postgres.ts";

const ROWS = 1_000_000;
const channelId = "a1b2c3d4-e5f6-7890-abcd-ef1234567890";
/** However slow the machine is: what stands still is noticed by `eventually`. In milliseconds. */
const AS_LONG_AS_IT_MOVES = 20 * 60_000;

let postgres: RunningPostgres;
let url: string;
const open = (warned: string[] = []) =>
  openLedger(url, dataKeyOf("key"), channelId, (text) => warned.push(text));
const count = async (where: string) =>
  Number((await postgres.run(url, `SELECT count(*) AS n FROM vambe_identity.contact WHERE ${where}`))[0]?.n);

/** A million rows that wait for a field, and have failed twice. Each statement may take four seconds. */
beforeAll(async () => {
  postgres = await startPostgres();
  url = await postgres.newDatabase();
  const ledger = await open();
  await ledger.takeOver();
  await ledger.close();
  await postgres.run(
    url,
    `INSERT INTO vambe_identity.contact (channel_id, user_id, state, verified, generation, names, confirmed,
       attempts, next_attempt_at, pending_since, last_error)
     SELECT $1, 'waiting-' || i, 'withheld', true, 1, '{field:plan}', '{}', 2,
       vambe_identity.now_ms() + 300000 + i, vambe_identity.now_ms() - 600000 + i, '500'
     FROM generate_series(1, $2::int) AS i`,
    [channelId, ROWS],
  );
}, AS_LONG_AS_IT_MOVES);
afterAll(() => postgres[Symbol.asyncDispose]());

describe("a million rows in PostgreSQL", { timeout: AS_LONG_AS_IT_MOVES }, () => {
  test("that were withheld are released once their field exists: also over a stop, and with turns for others", async () => {
    const warned: string[] = [];
    const ledger = await open(warned);
    await ledger.takeOver();
    await ledger.markMissing({ key: "plan", probeAt: Date.now(), attempts: 1 });
    await ledger.clearMissing("plan", Date.now());
    await ledger.close();
    const released = await count("state = 'pending'");
    expect(released).toBeGreaterThan(0);
    expect(released).toBeLessThan(ROWS / 2);

    const next = await open(warned);
    await next.takeOver();
    const claim = { channelId, userId: "new", traits: { name: "Jane" }, verified: true };
    expect(await next.record(claim, Date.now())).toMatchObject({ outcome: "changed" });
    expect((await next.outbox(1)).withheld).toBe(1);
    await eventually("all are released", async () => (await next.outbox(1)).withheld === 0, {
      everyMs: 200,
      moves: () => count("state = 'pending'"),
    });
    await eventually("the end is noted", async () => {
      const rows = await postgres.run(url, "SELECT 1 FROM vambe_identity.missing_field");
      return rows.length === 0;
    });
    expect(await count("state = 'pending'")).toBe(ROWS + 1);
    await next.close();
    expect(warned).toEqual([]);
  });

  test("are retried by a command that is broken off and called again", async () => {
    const environment = { VAMBE_DATABASE_URL: url };
    const isRetried = "attempts = 0 AND user_id <> 'new'";
    const retryAll = () => startCommand(["outbox", "retry", "--all"], environment);
    await retryAll().interrupt(async () => (await count(isRetried)) > 0);
    expect(await count(isRetried)).toBeLessThan(ROWS);
    const again = retryAll();
    await eventually("the command has ended", () => !again.isRunning(), { moves: () => count(isRetried) });
    expect(await again.ended).toMatchObject({
      code: 0,
      output: expect.stringMatching(/^Due now: 100000[01]\./),
    });
    expect(await count(isRetried)).toBe(ROWS);
  });

  test("and are looked at by `outbox` and `outbox list`", async () => {
    const environment = { VAMBE_DATABASE_URL: url };
    const { output } = await startCommand(["outbox"], environment).ended;
    expect(output).toMatch(/pending +1000000 or more/);
    const list = await startCommand(["outbox", "list", "--limit", "3"], environment).ended;
    expect(list.output.match(/waiting-/g)).toHaveLength(3);
  });
});
