import { randomBytes } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { NotPurged } from "../../../../server/ledger/contract/purge.ts";
import { openExistingLedger, openLedger } from "../../../../server/ledger/open.ts";
import { dataKeyOf } from "../../../support/data-key.ts";
import { type RunningPostgres, startPostgres } from "../../../support/postgres.ts";

let postgres: RunningPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres[Symbol.asyncDispose]());

const channelId = "a1b2c3d4-e5f6-7890-abcd-ef1234567890";
const claim = (userId: string) => ({ channelId, userId, traits: { name: userId }, verified: true });

async function open() {
  const url = await postgres.newDatabase();
  const exchange = await openLedger(url, dataKeyOf("key"), channelId);
  await exchange.takeOver();
  const command = await openExistingLedger(url);
  return {
    url,
    exchange,
    command,
    /** What stands in the file of a table. */
    bytesOf: async (table: string) => {
      await postgres.run(url, "CHECKPOINT");
      const [row] = await postgres.run(
        url,
        `SELECT pg_read_binary_file(pg_relation_filepath('vambe_identity.${table}')) AS bytes`,
      );
      return Buffer.from(row?.bytes as Buffer).toString("latin1");
    },
    [Symbol.asyncDispose]: async () => {
      await command.close();
      await exchange.close();
    },
  };
}

test("a key that was replaced is not in the table's file any more, beside a running exchange", async () => {
  await using db = await open();
  await db.exchange.replaceSecret("keys", undefined, "the-leaked-key");
  expect(await db.command.replaceSecret("keys", "the-leaked-key", "the-new-key")).toBe(true);
  expect(await db.bytesOf("secret")).toContain("the-leaked-key");
  expect(await db.command.purge("secrets")).toMatch(/vacuumed.*write-ahead log/);
  expect(await db.bytesOf("secret")).not.toContain("the-leaked-key");
  expect(await db.exchange.readSecret("keys")).toBe("the-new-key");
});

test("the rows of a user who was forgotten are vacuumed: nobody can see the older versions", async () => {
  await using db = await open();
  for (const id of ["a", "forgotten", "b"]) await db.exchange.record(claim(id), Date.now());
  await db.command.forget("forgotten");
  const dead = async () =>
    (
      await postgres.run(
        db.url,
        "SELECT lp_flags FROM heap_page_items(get_raw_page('vambe_identity.contact', 0))",
      )
    ).filter(({ lp_flags }) => lp_flags === 1).length;
  await postgres.run(db.url, "CREATE EXTENSION pageinspect");
  expect(await dead()).toBe(3);
  expect(await db.command.purge("contacts")).toMatch(/vacuumed/);
  expect(await dead()).toBe(2);
});

test.each(["contacts", "secrets"] as const)(
  "%s that a transaction may still see, such as a dump's, are a complaint; and once it has ended they are gone",
  async (what) => {
    await using db = await open();
    const table = what === "contacts" ? "contact" : "secret";
    await db.exchange.record(claim("to-be-forgotten"), Date.now());
    await db.exchange.replaceSecret("keys", undefined, "to-be-forgotten");
    const dump = new pg.Client({ connectionString: db.url });
    dump.on("error", () => {});
    await dump.connect();
    await dump.query("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1 FROM vambe_identity.migration");
    if (what === "contacts") await db.command.forget("to-be-forgotten");
    else await db.command.replaceSecret("keys", "to-be-forgotten", "another");
    await expect(db.command.purge(what)).rejects.toThrow(/transaction.*open elsewhere.*dump.*again/);
    expect(await db.bytesOf(table)).toContain("to-be-forgotten");
    await dump.end();
    expect(await db.command.purge(what)).toMatch(/vacuumed/);
    if (what === "secrets") expect(await db.bytesOf(table)).not.toContain("to-be-forgotten");
  },
);

test("rows of a user who was forgotten are gone while others are written all the time", async () => {
  await using db = await open();
  await db.exchange.record(claim("forgotten"), Date.now());
  await db.command.forget("forgotten");
  let over = false;
  const writing = (async () => {
    for (let n = 0; !over; n++)
      await db.exchange.record({ ...claim("busy"), traits: { name: `n${n}` } }, Date.now());
  })();
  expect(await db.command.purge("contacts").finally(() => (over = true))).toMatch(/vacuumed/);
  await writing;
});

test("an account that may not vacuum, or a table that others do not let go of, is a complaint with what there is to do", async () => {
  await using db = await open();
  const name = `other_${randomBytes(4).toString("hex")}`;
  for (const statement of [
    `CREATE ROLE ${name} LOGIN PASSWORD 'x'`,
    `GRANT USAGE ON SCHEMA vambe_identity TO ${name}`,
    `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA vambe_identity TO ${name}`,
  ])
    await postgres.run(db.url, statement);
  const limited = await openExistingLedger(
    Object.assign(new URL(db.url), { username: name, password: "x" }).href,
  );
  await expect(limited.purge("contacts")).rejects.toThrow(NotPurged);
  await expect(limited.purge("secrets")).rejects.toThrow(/VACUUM FULL vambe_identity.secret/);
  await limited.close();
  const other = new pg.Client({ connectionString: db.url });
  await other.connect();
  await other.query("BEGIN; LOCK TABLE vambe_identity.secret IN ACCESS SHARE MODE");
  await expect(db.command.purge("secrets")).rejects.toThrow(/something else is using the table.*again/);
  await other.end();
  expect(await db.command.purge("secrets")).toMatch(/vacuumed/);
});
