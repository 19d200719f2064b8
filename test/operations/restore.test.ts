import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { reasonToSkipDump, startDebianPostgres } from "./debian-postgres.ts";
import { type OperatedSite, openSite } from "./site.ts";

const YESTERDAY = { name: "Jane Doe", plan: "of yesterday" };

/** A backup in which somebody waits who is away when it is put back. */
async function backUpAndRestore(site: OperatedSite, database: string): Promise<void> {
  const { standIn } = site.vambe;
  const isThere = () => standIn.contacts().some(({ external_user_id: id }) => id === "was-away");
  await site.visited();
  standIn.setFault("down");
  expect(await site.signIn("was-away", YESTERDAY)).toBe("queued");
  await site.perform(`Back up ${database}`);
  standIn.setFault("normal");
  await eventually("it has arrived", isThere);
  await site.visited();
  const before = standIn.upserts().filter(({ body }) => JSON.stringify(body).includes("was-away")).length;
  await site.perform(`Restore ${database}`);
  await site.visited();
  await site.nobodyIsLost();
  const after = standIn.upserts().filter(({ body }) => JSON.stringify(body).includes("was-away")).length;
  expect(after - before).toBe(database === "SQLite" ? 1 : 0);
}

test("Back up SQLite, Restore SQLite", async () => {
  await using site = await openSite();
  await backUpAndRestore(site, "SQLite");
}, 900_000);

const missing = reasonToSkipDump();
test.skipIf(missing)(
  `Back up PostgreSQL, Restore PostgreSQL${missing ? ` (skipped: ${missing})` : ""}`,
  async () => {
    await using postgres = await startDebianPostgres();
    const settings = { VAMBE_DATABASE_URL: postgres.url };
    await using site = await openSite({ instances: 2, withWidget: true, settings });
    await backUpAndRestore(site, "PostgreSQL");
  },
  900_000,
);
