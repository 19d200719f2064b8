import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type RunningPostgres, startPostgres } from "../../../support/postgres.ts";
import { complaints, fine, twoAccounts as twoAccountsIn } from "./two-accounts.ts";

let postgres: RunningPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres[Symbol.asyncDispose]());

const twoAccounts = () => twoAccountsIn(postgres);

describe("other accounts that may read or change names and keys", () => {
  const warnings = async (url: string) => {
    const warned: string[] = [];
    expect(await complaints(url, (text) => warned.push(text))).toEqual(fine);
    return warned;
  };

  test("are named at the start, with the remedy, which holds", async () => {
    const { site, mallory, url, run } = await twoAccounts();
    // As is done for a tool that draws charts: every table there will be.
    await run(
      `ALTER DEFAULT PRIVILEGES FOR ROLE ${site} GRANT SELECT ON TABLES TO ${mallory}`,
      `CREATE ROLE "Reads ${site}"`,
    );
    expect(await warnings(url)).toEqual([
      expect.stringMatching(new RegExp(`granted to ${mallory}: .*REVOKE`)),
    ]);
    await run(`GRANT SELECT (value) ON vambe_identity.secret TO "Reads ${site}"`);
    await run("GRANT SELECT ON vambe_identity.contact TO PUBLIC");
    const [warning = "", ...more] = await warnings(url);
    expect(more).toEqual([]);
    const statement = /REVOKE .* FROM [^;]*/.exec(warning)?.[0] ?? "none";
    expect(statement).toContain(`${mallory}`);
    expect(statement).toContain(`"Reads ${site}"`);
    expect(statement).toContain("PUBLIC");
    await run(statement);
    expect(await warnings(url)).toEqual([]);
  });

  test("are none where the schema is a team's, or a superuser may", async () => {
    const { admin, site, url, run } = await twoAccounts();
    expect(await warnings(url)).toEqual([]);
    await run(
      `CREATE ROLE team_${site}`,
      `GRANT team_${site} TO ${site}`,
      `GRANT ALL ON vambe_identity.secret TO team_${site}, ${new URL(admin).username}`,
    );
    expect(await warnings(url)).toEqual([]);
  });
});
