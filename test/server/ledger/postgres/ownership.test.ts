import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createFingerprint } from "../../../../server/ledger/fingerprint.ts";
import { openExistingLedger, openLedger } from "../../../../server/ledger/open.ts";
import { type RunningPostgres, startPostgres } from "../../../support/postgres.ts";

let postgres: RunningPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres[Symbol.asyncDispose]());

const channelId = "a1b2c3d4-e5f6-7890-abcd-ef1234567890";

/** A database, the site's account in it, and somebody else's. */
async function twoAccounts() {
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
  );
  return {
    admin,
    site,
    mallory,
    url: as(site),
    run,
    asMallory: (sql: string) => postgres.run(as(mallory), sql),
  };
}

/** What a start says, and what a command that looks in does: `undefined` where they have nothing against it. */
async function complaints(url: string): Promise<(string | undefined)[]> {
  const said = [];
  for (const ledger of [openLedger(url, createFingerprint("key")), openExistingLedger(url)]) {
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

const stopped = (words: RegExp) => [expect.stringMatching(words), expect.stringMatching(words)];
const fine = [undefined, undefined];

describe("the start is stopped, and commands are, with the remedy:", () => {
  test("a schema of somebody else, who lets the exchange make its tables in it", async () => {
    const { url, site, mallory, asMallory } = await twoAccounts();
    await asMallory("CREATE SCHEMA vambe_identity");
    await asMallory(`GRANT ALL ON SCHEMA vambe_identity TO ${site}`);
    expect(await complaints(url)).toEqual(
      stopped(
        new RegExp(`SCHEMA vambe_identity belongs to ${mallory}.*ALTER SCHEMA vambe_identity OWNER TO`),
      ),
    );
    // Nothing of ours has been made there, and nothing of his has run.
    expect(
      await asMallory(
        "SELECT count(*)::int AS n FROM pg_class WHERE relnamespace = 'vambe_identity'::regnamespace",
      ),
    ).toEqual([{ n: 0 }]);
  });

  test("a table that somebody else has put into the schema before the first start, with a trigger of his", async () => {
    const { url, site, mallory, run, asMallory } = await twoAccounts();
    await run(
      `CREATE SCHEMA vambe_identity AUTHORIZATION ${site}`,
      `GRANT ALL ON SCHEMA vambe_identity TO ${mallory}`,
    );
    await asMallory(
      "CREATE TABLE vambe_identity.migration (version integer PRIMARY KEY, at timestamptz DEFAULT now())",
    );
    await asMallory(`GRANT ALL ON vambe_identity.migration TO ${site}`);
    expect(await complaints(url)).toEqual(
      stopped(new RegExp(`TABLE vambe_identity.migration belongs to ${mallory}`)),
    );
  });

  test("a function of somebody else in the place of the clock", async () => {
    const { url, site, mallory, run, asMallory } = await twoAccounts();
    await run(
      `CREATE SCHEMA vambe_identity AUTHORIZATION ${site}`,
      `GRANT ALL ON SCHEMA vambe_identity TO ${mallory}`,
    );
    await asMallory(
      "CREATE FUNCTION vambe_identity.now_ms() RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint'",
    );
    expect(await complaints(url)).toEqual(
      stopped(new RegExp(`FUNCTION vambe_identity.now_ms belongs to ${mallory}`)),
    );
  });

  test.each([
    [
      "a trigger that somebody may add who was granted all on a table",
      (mallory: string) => [
        `GRANT USAGE ON SCHEMA vambe_identity TO ${mallory}`,
        `GRANT TRIGGER ON vambe_identity.contact TO ${mallory}`,
      ],
      [
        "CREATE SCHEMA IF NOT EXISTS stolen",
        `CREATE FUNCTION stolen.copy() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'`,
        "CREATE TRIGGER copies BEFORE INSERT ON vambe_identity.contact FOR EACH ROW EXECUTE FUNCTION stolen.copy()",
      ],
      /trigger copies on the table vambe_identity\.contact.*drop it/,
    ],
    [
      "a rule",
      () => ["CREATE RULE also AS ON UPDATE TO vambe_identity.secret DO ALSO SELECT 1"],
      [],
      /rule also on the table vambe_identity\.secret/,
    ],
    [
      "row security",
      () => ["CREATE POLICY a_few ON vambe_identity.contact USING (true)"],
      [],
      /policy a_few on the table vambe_identity\.contact/,
    ],
  ])("%s", async (_, byTheOwner, byMallory, words) => {
    const { url, mallory, run, asMallory } = await twoAccounts();
    expect(await complaints(url)).toEqual(fine);
    await run(...byTheOwner(mallory));
    for (const statement of byMallory) await asMallory(statement);
    expect(await complaints(url)).toEqual(stopped(words));
  });
});

describe("nothing is said where the schema", () => {
  test("is the account's own", async () => {
    const { url } = await twoAccounts();
    expect(await complaints(url)).toEqual(fine);
    expect(await complaints(url)).toEqual(fine);
  });

  test("belongs to a role that the account is a member of, or was made by a superuser", async () => {
    const { url, site, run } = await twoAccounts();
    await run(
      `CREATE ROLE team_${site}`,
      `GRANT team_${site} TO ${site}`,
      `CREATE SCHEMA vambe_identity AUTHORIZATION team_${site}`,
    );
    expect(await complaints(url)).toEqual(fine);
    const other = await twoAccounts();
    await other.run("CREATE SCHEMA vambe_identity", `GRANT ALL ON SCHEMA vambe_identity TO ${other.site}`);
    expect(await complaints(other.url)).toEqual(fine);
  });

  test("shares the database with triggers on the site's own tables, and with a public schema that is everybody's", async () => {
    const { url, mallory, run, asMallory } = await twoAccounts();
    await run("GRANT ALL ON SCHEMA public TO PUBLIC");
    await asMallory("CREATE TABLE public.contact (name text)");
    await asMallory(
      `CREATE FUNCTION public.t_${mallory}() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'`,
    );
    await asMallory(
      `CREATE TRIGGER t BEFORE INSERT ON public.contact FOR EACH ROW EXECUTE FUNCTION public.t_${mallory}()`,
    );
    expect(await complaints(url)).toEqual(fine);
  });
});
