import { describe, expect, test, vi } from "vitest";
import { openExistingLedger } from "../../../server/ledger/open.ts";
import { createMetrics } from "../../../server/metrics/metrics.ts";
import { fillBacklog } from "../../support/backlog.ts";
import { eventually } from "../../support/eventually.ts";
import { samplesIn, startMeasured } from "../../support/measured-exchange.ts";
import { startPostgres } from "../../support/postgres.ts";
import { startTcpProxy } from "../../support/tcp-proxy.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

/** What is there whatever the database does. */
const OF_MEMORY = 'vambe_identity_requests_total{route="/identify",method="POST",code="200"}';
const OF_DATABASE = [
  'vambe_identity_backlog_rows{state="pending"}',
  "vambe_identity_backlog_oldest_age_seconds",
  "vambe_identity_last_day_identifies",
  "vambe_identity_database_read_seconds",
];

describe("the backlog", () => {
  test("is read from the database, each state counted up to 10,000, with the age of the oldest", async () => {
    using folder = temporaryFolder();
    const path = folder.file("full.db");
    const channelId = "a1b2c3d4-e5f6-7890-abcd-ef1234567890";
    await using world = await startMeasured({ databaseUrl: `file:${path}`, channelId });
    expect((await world.scrape()).get("vambe_identity_backlog_oldest_age_seconds")).toBe(0);
    fillBacklog(path, channelId, 10_050);
    const pending = 'vambe_identity_backlog_rows{state="pending"}';
    const found = await world.scrapeUntil(pending, (rows) => rows > 0);
    expect(found.get(pending)).toBe(10_000);
    expect(found.get('vambe_identity_backlog_rows{state="rejected"}')).toBe(0);
    expect(found.get("vambe_identity_backlog_oldest_age_seconds")).toBeGreaterThanOrEqual(600);
    expect(found.get("vambe_identity_database_up")).toBe(1);
    expect(found.get("vambe_identity_database_read_seconds")).toBeGreaterThan(0);
  });

  test("is not looked at anew by each of those who ask at once", async () => {
    await using world = await startMeasured();
    const ledger = world.exchange.ledger();
    if (!ledger) throw new Error("it is not open");
    const look = vi.spyOn(ledger, "outbox");
    await Promise.all(Array.from({ length: 20 }, () => world.scrape()));
    expect(look).toHaveBeenCalledTimes(1);
  });
});

test("the share of what was proven is that of the last 24 hours, over all instances", async () => {
  await using postgres = await startPostgres();
  const databaseUrl = await postgres.newDatabase();
  await using world = await startMeasured({ databaseUrl, apiKey: "one-key-for-all-0123456789" });
  const other = await openExistingLedger(databaseUrl);
  const now = Date.now();
  await other.countIdentifies(
    [
      { origin: "https://a.example", outcome: "identified", how: "jwt", count: 3 },
      { origin: "https://b.example", outcome: "identified", how: "none", count: 1 },
    ],
    now,
  );
  await other.close();
  const found = await world.scrape();
  expect(found.get("vambe_identity_last_day_identifies")).toBe(4);
  expect(found.get("vambe_identity_last_day_proven_ratio")).toBe(0.75);
});

test("where nobody has come there is no share, rather than a wrong one", async () => {
  await using world = await startMeasured();
  const found = await world.scrape();
  expect(found.get("vambe_identity_last_day_identifies")).toBe(0);
  expect(found.has("vambe_identity_last_day_proven_ratio")).toBe(false);
});

test("a database that is gone is shown as such, and the rest is scraped; and it is seen to come back", async () => {
  await using postgres = await startPostgres();
  await using world = await startMeasured({ databaseUrl: await postgres.newDatabase() });
  const proof = world.proofFor("u");
  expect((await world.identify({ user: { id: "u" }, proof })).status).toBe(200);
  expect((await world.scrape()).get("vambe_identity_database_up")).toBe(1);
  await postgres.goAway();
  const gone = await world.scrapeUntil("vambe_identity_database_up", (up) => up === 0);
  expect(gone.get(OF_MEMORY)).toBe(1);
  expect([...gone.keys()].filter((name) => OF_DATABASE.includes(name))).toEqual([]);
  await postgres.comeBack();
  const back = await world.scrapeUntil("vambe_identity_database_up", (up) => up === 1);
  expect(OF_DATABASE.filter((name) => !back.has(name))).toEqual([]);
});

test("a database that does not answer any more keeps no scrape waiting", async () => {
  await using postgres = await startPostgres();
  const url = new URL(await postgres.newDatabase());
  await using proxy = await startTcpProxy(postgres.port);
  url.port = String(proxy.port);
  await using world = await startMeasured({ databaseUrl: url.href });
  await world.scrape();
  proxy.swallow();
  await eventually(
    "it is seen not to answer",
    async () => {
      const samples = await world.scrape();
      return samples.get("vambe_identity_database_up") === 0;
    },
    { withinMs: 45_000 },
  );
  proxy.heal();
});

test("before there is a database, it is shown as not there", async () => {
  const metrics = createMetrics({
    readings: () => ({ inFlight: 1, deliveries: undefined, caches: undefined }),
    ledger: () => undefined,
    about: { version: "1.2.3", database: "PostgreSQL", allowUnverified: false },
  });
  const found = samplesIn(await metrics.text());
  metrics.close();
  expect(found.get("vambe_identity_database_up")).toBe(0);
  expect(found.get("vambe_identity_requests_in_progress")).toBe(1);
});
