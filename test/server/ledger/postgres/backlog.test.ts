import pg from "pg";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { openLedger } from "../../../../server/ledger/open.ts";
import { dataKeyOf } from "../../../support/data-key.ts";
import { eventually } from "../../../support/eventually.ts";
import { type RunningPostgres, startPostgres } from "../../../support/postgres.ts";

/** More than two steps, and not a multiple of one. */
const ROWS = 5001;
/** How often an instance looks for what has been broken off. */
const LOOK_MS = 15_000;
const channelId = "a1b2c3d4-e5f6-7890-abcd-ef1234567890";

let postgres: RunningPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres[Symbol.asyncDispose]());

/** What an outage leaves behind: each row has failed and is due in five minutes. */
async function openFull(state: string, warn?: (text: string) => void, rows = ROWS) {
  const url = await postgres.newDatabase();
  const ledger = await openLedger(url, dataKeyOf("key"), channelId, warn);
  await ledger.takeOver();
  await postgres.run(
    url,
    `INSERT INTO vambe_identity.contact (channel_id, user_id, state, verified, generation, names, confirmed,
       attempts, next_attempt_at, pending_since)
     SELECT $1, 'waiting-' || i, $2, true, 1, '{field:plan}', '{}', 2,
       vambe_identity.now_ms() + 300000 + i, vambe_identity.now_ms() - 600000 + i FROM generate_series(1, $3::int) AS i`,
    [channelId, state, rows],
  );
  const count = async (where: string) =>
    (await postgres.run(url, `SELECT count(*)::int AS n FROM vambe_identity.contact WHERE ${where}`))[0]?.n;
  return { url, ledger, count, [Symbol.asyncDispose]: () => ledger.close() };
}

test("when Vambe is back every row is due, however many steps it takes", async () => {
  await using db = await openFull("pending");
  await db.ledger.wakeAll(Date.now());
  const inBackOff = "next_attempt_at > vambe_identity.now_ms()";
  await eventually("all are due", async () => (await db.count(inBackOff)) === 0);
  expect(await db.ledger.takeNext(Date.now())).toBeDefined();
});

test("on a server that is slow, steps are as large as it can do in time", async () => {
  const rows = 300;
  await using db = await openFull("pending", undefined, rows);
  // So many rows as a first step has would take longer than a statement may.
  await postgres.run(
    db.url,
    `CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.02); RETURN NEW; END $$`,
  );
  await postgres.run(
    db.url,
    "CREATE TRIGGER slowly BEFORE UPDATE ON vambe_identity.contact FOR EACH ROW EXECUTE FUNCTION slowly()",
  );
  await db.ledger.wakeAll(Date.now());
  const inBackOff = "next_attempt_at > vambe_identity.now_ms()";
  await eventually("all are due", async () => (await db.count(inBackOff)) === 0);
});

test("a retry of all concerns each of them, and makes each as if it had never failed", async () => {
  await using db = await openFull("rejected");
  expect(await db.ledger.retry(undefined, Date.now())).toBe(ROWS);
  expect(await db.count("state = 'pending' AND attempts = 0")).toBe(ROWS);
  // All of them again, though there is nothing to change any more.
  expect(await db.ledger.retry(undefined, Date.now())).toBe(ROWS);
});

test("a resend of all concerns each of them, however many steps it takes", async () => {
  await using db = await openFull("idle");
  await postgres.run(db.url, `UPDATE vambe_identity.contact SET confirmed = '{"name":"x"}'`);
  expect(await db.ledger.resend(undefined, Date.now())).toEqual({ rows: ROWS, due: 0 });
  expect(await db.count("confirmed <> '{}'")).toBe(0);
});

test("what waits under another channel is moved step by step, and who meets what others have changed tries again", async () => {
  await using db = await openFull("rejected");
  const to = "00000000-0000-0000-0000-000000000000";
  const key = dataKeyOf("key");
  const sealed = await postgres.run(db.url, "SELECT user_id FROM vambe_identity.contact");
  await postgres.run(
    db.url,
    `UPDATE vambe_identity.contact AS contact SET sealed = given.sealed, names = '{name}'
     FROM unnest($1::text[], $2::bytea[]) AS given (id, sealed) WHERE user_id = id`,
    [
      sealed.map(({ user_id }) => user_id),
      sealed.map(({ user_id }) => key.seal({ channelId, userId: String(user_id) }, { name: "Old" })),
    ],
  );
  const move = () => db.ledger.move({ from: channelId, to }, key, Date.now());
  // Meanwhile users come to both channels, also one whose row is just being moved, and another does the same.
  const come = async () => {
    for (let at = 1; at <= 200; at++)
      for (const channel of [to, channelId])
        await db.ledger.record(
          { channelId: channel, userId: `waiting-${at * 20}`, traits: { email: `${at}` }, verified: true },
          Date.now(),
        );
  };
  await Promise.all([move(), come()]);
  await move();
  expect(await db.count(`channel_id = '${channelId}' AND state <> 'idle'`)).toBe(0);
  expect(await db.count(`channel_id = '${to}' AND state = 'pending'`)).toBe(ROWS);
  expect(await db.count("'name' = ANY (names)")).toBe(ROWS);
  expect(await db.count("'email' = ANY (names)")).toBe(200);
});

test("a release of withheld rows that was broken off is ended by the next instance that starts", async () => {
  await using db = await openFull("withheld");
  await db.ledger.markMissing({ key: "plan", probeAt: Date.now(), attempts: 1 });
  // As a killed instance leaves it.
  await postgres.run(db.url, "UPDATE vambe_identity.missing_field SET attempts = -1");
  expect(await db.ledger.missingFields()).toEqual([]);
  const next = await openLedger(db.url, dataKeyOf("key"), channelId);
  await next.takeOver();
  await eventually("all are released", async () => (await next.outbox(1)).withheld === 0);
  expect(await next.outbox()).toEqual({ pending: ROWS, withheld: 0, rejected: 0 });
  expect(await db.count("true")).toBe(ROWS);
  await next.close();
});

test("a release that the database has broken off is said, and ended without a restart", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  const warned: string[] = [];
  await using db = await openFull("withheld", (text) => warned.push(text));
  // Before PostgreSQL 15 everybody may create in the schema public, which is warned of.
  warned.length = 0;
  await db.ledger.markMissing({ key: "plan", probeAt: Date.now(), attempts: 1 });
  // An open shell, which has one of the later rows locked.
  const shell = new pg.Client({ connectionString: db.url });
  await shell.connect();
  await shell.query("BEGIN");
  await shell.query("SELECT 1 FROM vambe_identity.contact WHERE user_id = 'waiting-4000' FOR UPDATE");
  await db.ledger.clearMissing("plan", Date.now());
  await eventually("it has given up on the shell", () => warned.length > 0);
  expect(warned).toEqual([
    expect.stringMatching(/could be made due, and the others follow: .*took too long/),
  ]);
  expect((await db.ledger.outbox()).withheld).toBeGreaterThan(0);
  await shell.end();

  // For as long as another instance may be at it, nobody takes it on; then the next look does.
  vi.advanceTimersByTime(LOOK_MS);
  await postgres.run(db.url, "UPDATE vambe_identity.missing_field SET probe_at = probe_at - 30000");
  vi.advanceTimersByTime(LOOK_MS);
  await eventually("all are released", async () => (await db.ledger.outbox(1)).withheld === 0);
  vi.useRealTimers();
});

test("rows are counted up to a bound", async () => {
  await using db = await openFull("pending");
  expect(await db.ledger.outbox(1000)).toEqual({ pending: 1000, withheld: 0, rejected: 0 });
});
