import { randomBytes } from "node:crypto";
import { openExistingLedger, openLedger } from "../../../../server/ledger/open.ts";
import { dataKeyOf } from "../../../support/data-key.ts";
import type { RunningPostgres } from "../../../support/postgres.ts";

const channelId = "a1b2c3d4-e5f6-7890-abcd-ef1234567890";

/** A database, the site's account in it, and somebody else's. */
export async function twoAccounts(postgres: RunningPostgres) {
  const admin = await postgres.newDatabase();
  const suffix = randomBytes(4).toString("hex");
  const site = `site_${suffix}`;
  const mallory = `mallory_${suffix}`;
  const as = (name: string) => Object.assign(new URL(admin), { username: name, password: "x" }).href;
  const run = async (...statements: string[]) => {
    for (const statement of statements) await postgres.run(admin, statement);
  };
  await run(
    `CREATE ROLE ${site} LOGIN PASSWORD 'x'`,
    `CREATE ROLE ${mallory} LOGIN PASSWORD 'x'`,
    `GRANT CREATE ON DATABASE ${new URL(admin).pathname.slice(1)} TO ${site}, ${mallory}`,
    // As it is by itself from PostgreSQL 15 on.
    "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
  );
  return {
    admin,
    site,
    mallory,
    as,
    url: as(site),
    run,
    asMallory: (sql: string) => postgres.run(as(mallory), sql),
  };
}

/** What a start says, and what a command that looks in does: `undefined` where they have nothing against it. */
export async function complaints(
  url: string,
  warn: (text: string) => void = () => {},
): Promise<(string | undefined)[]> {
  const said = [];
  for (const ledger of [
    await openLedger(url, dataKeyOf("key"), channelId, warn),
    await openExistingLedger(url),
  ]) {
    const claim = { channelId, userId: "u", traits: { name: "Jane" }, verified: true };
    said.push(
      await (said.length === 0
        ? ledger.takeOver().then(() => ledger.record(claim, Date.now()))
        : ledger.outbox()
      ).then(
        () => undefined,
        (error: Error) => error.message,
      ),
    );
    await ledger.close();
  }
  return said;
}

/** Neither has. */
export const fine = [undefined, undefined];
