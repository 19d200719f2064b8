import { afterAll, beforeAll, expect, test } from "vitest";
import { type RunningPostgres, startPostgres } from "../../../support/postgres.ts";
import { complaints, fine, twoAccounts } from "./two-accounts.ts";

let postgres: RunningPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres[Symbol.asyncDispose]());

test("an account whose commits are not waited for ends the start, with a statement that mends it", async () => {
  const { url, site, run } = await twoAccounts(postgres);
  await run(`ALTER ROLE ${site} SET synchronous_commit = off`);
  const [start] = await complaints(url);
  expect(start).toMatch(/before it is on the disk \(synchronous_commit is off\)/);
  const statement = /ALTER ROLE \S+ SET synchronous_commit = on/.exec(start ?? "")?.[0] ?? "";
  // Anybody may say so of his own account.
  await postgres.run(url, statement);
  expect(await complaints(url)).toEqual(fine);
  const [inUrl] = await complaints(`${url}?options=-c%20synchronous_commit%3Doff`);
  expect(inUrl).toMatch(/\?options=, take it out there/);
});
