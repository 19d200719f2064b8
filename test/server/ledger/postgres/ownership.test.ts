import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type RunningPostgres, startPostgres } from "../../../support/postgres.ts";
import { complaints, fine, twoAccounts as twoAccountsIn } from "./two-accounts.ts";

let postgres: RunningPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres[Symbol.asyncDispose]());

const twoAccounts = () => twoAccountsIn(postgres);

const stopped = (words: RegExp) => [expect.stringMatching(words), expect.stringMatching(words)];
/** A command has another remedy than the exchange: the account may just not be the exchange's. */
const notOurs = (words: RegExp) => [
  expect.stringMatching(words),
  expect.stringMatching(/use the exchange's own account/),
];

describe("the start is stopped, and commands are, with the remedy:", () => {
  test("a schema of somebody else, who lets the exchange make its tables in it", async () => {
    const { url, site, mallory, asMallory } = await twoAccounts();
    await asMallory("CREATE SCHEMA vambe_identity");
    await asMallory(`GRANT ALL ON SCHEMA vambe_identity TO ${site}`);
    expect(await complaints(url)).toEqual(
      notOurs(
        new RegExp(
          `SCHEMA vambe_identity belongs to ${mallory}.*ALTER SCHEMA vambe_identity OWNER TO ${site};`,
          "s",
        ),
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
      notOurs(new RegExp(`TABLE vambe_identity.migration belongs to ${mallory}`)),
    );
  });

  test("a schema of somebody who is no superuser, for an exchange that is one", async () => {
    const { admin, mallory, asMallory } = await twoAccounts();
    await asMallory("CREATE SCHEMA vambe_identity");
    expect(await complaints(admin)).toEqual(
      notOurs(new RegExp(`SCHEMA vambe_identity belongs to ${mallory}`)),
    );
  });

  test("a schema of a role that the account has made, and whose rights it does not have for that", async () => {
    const { site, as, run } = await twoAccounts();
    const made = `made_by_${site}`;
    await run(`ALTER ROLE ${site} CREATEROLE`);
    await postgres.run(as(site), `CREATE ROLE ${made} LOGIN PASSWORD 'x'`);
    await run(`CREATE SCHEMA vambe_identity AUTHORIZATION ${made}`);
    await postgres.run(as(made), `GRANT ALL ON SCHEMA vambe_identity TO ${site}`);
    expect(await complaints(as(site))).toEqual(
      notOurs(new RegExp(`SCHEMA vambe_identity belongs to ${made}`)),
    );
  });

  test("all that a restore has given to another, at once, with statements that mend it as they stand", async () => {
    const { admin, site, url, run } = await twoAccounts();
    expect(await complaints(url)).toEqual(fine);
    const restorer = `restorer of ${site}`;
    await run(
      `CREATE ROLE "${restorer}"`,
      `GRANT CREATE ON DATABASE ${new URL(admin).pathname.slice(1)} TO "${restorer}"`,
      `REASSIGN OWNED BY ${site} TO "${restorer}"`,
      `GRANT ALL ON SCHEMA vambe_identity TO ${site}`,
    );
    const [said = ""] = await complaints(url);
    expect(said).toMatch(/SCHEMA.*TABLE vambe_identity\.contact.*FUNCTION/s);
    await run(...(said.match(/^ *ALTER .*;$/gm) ?? []));
    expect(await complaints(url)).toEqual(fine);
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
      notOurs(new RegExp(`FUNCTION vambe_identity.now_ms\\(\\) belongs to ${mallory}`)),
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
      /trigger copies on the table vambe_identity\.contact.*DROP TRIGGER copies ON vambe_identity\.contact;/s,
    ],
    [
      "a rule",
      () => ["CREATE RULE also AS ON UPDATE TO vambe_identity.secret DO ALSO SELECT 1"],
      [],
      /rule also on the table vambe_identity\.secret.*DROP RULE also ON vambe_identity\.secret;/s,
    ],
    [
      "row security",
      () => [
        "CREATE POLICY a_few ON vambe_identity.contact USING (true)",
        "ALTER TABLE vambe_identity.secret ENABLE ROW LEVEL SECURITY",
      ],
      [],
      /policy a_few on the table vambe_identity\.contact.*row security on the table vambe_identity\.secret.*DROP POLICY a_few ON vambe_identity\.contact;\n.*DISABLE ROW LEVEL SECURITY;/s,
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
