import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { reasonToSkipDump, startDebianPostgres } from "./debian-postgres.ts";
import { type OperatedSite, openSite } from "./site.ts";

const YESTERDAY = { name: "Jane Doe", plan: "of yesterday" };

interface Ways {
  backUp(): Promise<void>;
  restore(): Promise<void>;
}

/** Somebody waits in the backup who is away when it is put back. @returns how often that user was sent after that */
async function backUpAndRestore(site: OperatedSite, { backUp, restore }: Ways): Promise<number> {
  const { standIn } = site.vambe;
  const sent = () => standIn.upserts().filter(({ body }) => JSON.stringify(body).includes("was-away")).length;
  await site.visited();
  standIn.setFault("down");
  expect(await site.signIn("was-away", YESTERDAY)).toBe("queued");
  await backUp();
  standIn.setFault("normal");
  await eventually("it has arrived", () =>
    standIn.contacts().some(({ external_user_id: id }) => id === "was-away"),
  );
  await site.visited();
  const before = sent();
  await restore();
  await site.visited();
  await site.nobodyIsLost();
  return sent() - before;
}

test("SQLite: nobody is lost, and what waited then goes out when the operator says so", async () => {
  await using site = await openSite();
  const releases = await backUpAndRestore(site, {
    backUp: () => site.perform("Back up SQLite"),
    restore: () => site.perform("Restore SQLite"),
  });
  expect(releases).toBe(1);
}, 900_000);

const missing = reasonToSkipDump();
test.skipIf(missing)(
  `PostgreSQL, two instances: nobody is lost, and what waited then is held${missing ? ` (skipped: ${missing})` : ""}`,
  async () => {
    await using postgres = await startDebianPostgres();
    const settings = { VAMBE_DATABASE_URL: postgres.url };
    await using site = await openSite({ instances: 2, withWidget: true, settings });
    const releases = await backUpAndRestore(site, {
      backUp: () => site.perform("Back up PostgreSQL"),
      restore: () => site.perform("Restore PostgreSQL"),
    });
    expect(releases).toBe(0);
  },
  900_000,
);
