import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openLedger } from "../../../../server/ledger/open.ts";
import { dataKeyOf } from "../../../support/data-key.ts";
import { type RunningPostgres, startPostgres } from "../../../support/postgres.ts";

const channelId = "a1b2c3d4-e5f6-7890-abcd-ef1234567890";
const CONNECTIONS = 12;
/** More than there are connections for; and so few that a slow machine has done them before anybody has waited too long. */
const FEW = 24;

let postgres: RunningPostgres;
beforeAll(async () => {
  postgres = await startPostgres(["-c", `max_connections=${CONNECTIONS}`]);
});
afterAll(() => postgres[Symbol.asyncDispose]());

const recordMany = async (url: string, count: number) => {
  const ledger = await openLedger(url, dataKeyOf("key"), channelId);
  const records = Array.from({ length: count }, (_, at) =>
    ledger.record({ channelId, userId: `u${at}`, traits: { name: "Jane" }, verified: true }, Date.now()),
  );
  return { ledger, all: Promise.all(records) };
};

describe("connections to PostgreSQL", () => {
  test("that the server has not to spare are waited for, and nobody is refused", async () => {
    const url = await postgres.newDatabase();
    const others = Array.from({ length: CONNECTIONS - 3 }, () => new pg.Client({ connectionString: url }));
    for (const other of others) await other.connect();
    const { ledger, all } = await recordMany(url, FEW);
    expect((await all).every(({ outcome }) => outcome === "changed")).toBe(true);
    await ledger.close();
    for (const other of others) await other.end();
  });

  test("are as many as ?max= says, and no more", async () => {
    const url = await postgres.newDatabase();
    const watcher = new pg.Client({ connectionString: url });
    await watcher.connect();
    const { ledger, all } = await recordMany(`${url}?max=2`, FEW);
    const counts: number[] = [];
    const watch = async () => {
      const { rows } = await watcher.query(
        "SELECT count(*)::int AS count FROM pg_stat_activity WHERE application_name = 'vambe-identity' AND datname = current_database()",
      );
      counts.push(rows[0].count);
    };
    let ended = false;
    void all.finally(() => {
      ended = true;
    });
    while (!ended) await watch();
    // One more for a moment, while the schema is made.
    expect(Math.max(...counts)).toBeLessThanOrEqual(3);
    await watch();
    expect(counts.at(-1)).toBeLessThanOrEqual(2);
    await ledger.close();
    await watcher.end();
  });
});
