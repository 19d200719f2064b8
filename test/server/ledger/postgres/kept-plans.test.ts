import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Ledger } from "../../../../server/ledger/contract/ledger.ts";
import { PostgresDatabase } from "../../../../server/ledger/postgres/database.ts";
import { newCountedDatabase, startCountingPostgres } from "../../../support/counted-statements.ts";
import { eventually } from "../../../support/eventually.ts";
import type { RunningPostgres } from "../../../support/postgres.ts";
import { channelId, only, openInstances } from "./instances.ts";

let postgres: RunningPostgres;
beforeAll(async () => {
  postgres = await startCountingPostgres(["-c", "autovacuum=off"]);
}, 120_000);
afterAll(() => postgres?.[Symbol.asyncDispose]());

/** What happens to one user from the page to Vambe, each step by a statement of its own. */
async function isDelivered(ledger: Ledger, userId: string): Promise<void> {
  const claim = { channelId, userId, traits: { name: "Jane" }, verified: true };
  await ledger.shared?.countRequest({ key: userId, windowMs: 60_000 });
  await ledger.shared?.takeTurns(1000, true, 1);
  expect((await ledger.record(claim, Date.now())).outcome).toBe("changed");
  await ledger.nextDueAt(Date.now());
  const delivery = await ledger.takeNext(Date.now());
  if (!delivery) throw new Error("nothing is due");
  const isSent = { kind: "delivered", sent: delivery.traits, contactId: undefined } as const;
  await ledger.settle(delivery, isSent, Date.now());
  const { userId: whose, traits } = delivery;
  expect((await ledger.record({ ...claim, userId: whose, traits }, Date.now())).outcome).toBe("unchanged");
}

async function areDelivered(ledger: Ledger, count: number, name: string): Promise<void> {
  for (let number = 0; number < count; number++) await isDelivered(ledger, `${name} ${number}`);
}

describe("the plan of what comes all the time", () => {
  test("is made a few times, and then kept", async () => {
    const { url, statementsOf } = await newCountedDatabase(postgres);
    // Each session keeps its own.
    await using all = await openInstances(1, `${url}?max=1`);
    const one = only(all);
    const statements = await statementsOf(() => areDelivered(one.ledger, 40, "u"));
    const frequent = statements.filter(({ calls }) => calls >= 40);
    expect(frequent.length).toBeGreaterThanOrEqual(7);
    for (const { text, plans } of frequent) expect([text, plans < 20]).toEqual([text, true]);
  });

  test("goes by an index, though it was made when the table was empty", async () => {
    const url = `${await postgres.newDatabase()}?max=1`;
    {
      await using all = await openInstances(1, url);
      const one = only(all);
      await postgres.run(url, "VACUUM (ANALYZE) vambe_identity.contact");
      await areDelivered(one.ledger, 10, "before");
      await postgres.run(
        url,
        `INSERT INTO vambe_identity.contact (channel_id, user_id, state, verified, generation, pending_since, confirmed, attempts,
           next_attempt_at)
         SELECT $1, 'known ' || number, CASE WHEN number % 2 = 0 THEN 'pending' ELSE 'idle' END, true, 1, 1, '{}', 1, 1
         FROM generate_series(1, 20000) AS number`,
        [channelId],
      );
      await areDelivered(one.ledger, 10, "after");
    }
    // A session says what it has read when it ends, at the latest.
    await eventually("the sessions have ended", async () => {
      const sessions = "FROM pg_stat_activity WHERE application_name = 'vambe-identity'";
      return (await postgres.run(url, `SELECT 1 ${sessions} AND datname = current_database()`)).length === 0;
    });
    const [read] = await postgres.run(
      url,
      `SELECT seq_tup_read::int AS by_scan, idx_tup_fetch::int AS by_index FROM pg_stat_user_tables
       WHERE schemaname = 'vambe_identity' AND relname = 'contact'`,
    );
    expect(Number(read?.by_scan) + Number(read?.by_index)).toBeLessThan(2000);
    expect(read?.by_index).toBeGreaterThan(50);
  });

  test("goes by what an operator has set in the URL, where that is another", async () => {
    const options = encodeURIComponent("-c enable_seqscan=on");
    const database = new PostgresDatabase(`${await postgres.newDatabase()}?options=${options}`);
    const { rows } = await database.query(
      "SELECT current_setting('enable_seqscan') AS scans, current_setting('jit') AS compiles",
    );
    expect(rows).toEqual([{ scans: "on", compiles: "off" }]);
    await database.close();
  });

  test("is done without where the session does not have it any more", async () => {
    const database = new PostgresDatabase(`${await postgres.newDatabase()}?max=1`);
    const asked = async () =>
      (await database.often<{ two: number }>("SELECT $1::int + 1 AS two", [1])).rows[0]?.two;
    expect(await asked()).toBe(2);
    await database.query("DEALLOCATE ALL");
    expect(await asked()).toBe(2);
    expect(await asked()).toBe(2);
    await database.close();
  });
});
