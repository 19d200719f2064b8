import { afterAll, beforeAll, expect, test } from "vitest";
import { openLedger } from "../../../../server/ledger/open.ts";
import { dataKeyOf } from "../../../support/data-key.ts";
import { type RunningPostgres, startPostgres } from "../../../support/postgres.ts";
import { complaints, fine, twoAccounts } from "./two-accounts.ts";

let postgres: RunningPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres[Symbol.asyncDispose]());

/** In a schema in which everybody may create, as in `public` before PostgreSQL 15, an operator that fits better than ours. */
async function withAnOperator() {
  const accounts = await twoAccounts(postgres);
  await accounts.run("GRANT CREATE ON SCHEMA public TO PUBLIC");
  await accounts.asMallory(
    `CREATE FUNCTION public.his(numeric, int) RETURNS numeric LANGUAGE plpgsql AS
       'BEGIN CREATE TABLE IF NOT EXISTS public.he_was_here (x int); RETURN $1 OPERATOR(pg_catalog.*) $2::numeric; END'`,
  );
  await accounts.asMallory(
    "CREATE OPERATOR public.* (LEFTARG = numeric, RIGHTARG = int, FUNCTION = public.his)",
  );
  const hasRun = async () => {
    const [row] = await postgres.run(accounts.admin, "SELECT to_regclass('public.he_was_here') AS found");
    return row?.found !== null;
  };
  return { ...accounts, hasRun };
}

async function warnings(url: string) {
  const warned: string[] = [];
  await complaints(url, (text) => warned.push(text));
  return warned;
}

test("somebody who may create where PostgreSQL looks for operators is warned of, with remedies that hold", async () => {
  const { url, run, hasRun } = await withAnOperator();
  const warned = expect.stringMatching(/REVOKE CREATE ON SCHEMA public FROM PUBLIC; or .*\?options=/);
  expect(await warnings(url)).toEqual([warned]);
  await run("DROP TABLE IF EXISTS public.he_was_here");
  const ending = /\?options=\S+/.exec(String((await warnings(url))[0]))?.[0] ?? "";
  await run("DROP TABLE IF EXISTS public.he_was_here");
  expect(await complaints(`${url}${ending}`)).toEqual(fine);
  expect(await warnings(`${url}${ending}`)).toEqual([]);
  expect(await hasRun()).toBe(false);
  await run("REVOKE CREATE ON SCHEMA public FROM PUBLIC");
  expect(await warnings(url)).toEqual([]);
});

test("the ledger's clock takes nobody else's operator", async () => {
  const { url, hasRun } = await withAnOperator();
  const ledger = await openLedger(url, dataKeyOf("key"), "c");
  await ledger.takeOver();
  const claim = { channelId: "c", userId: "u", verified: true, traits: { name: "Jane" } };
  expect((await ledger.record(claim, Date.now())).outcome).toBe("changed");
  expect(await ledger.takeNext(Date.now())).toMatchObject({ traits: { name: "Jane" } });
  await ledger.close();
  expect(await hasRun()).toBe(false);
});

test("what looks whose the schema is runs nothing of anybody's", async () => {
  const { admin, url, run, asMallory } = await twoAccounts(postgres);
  await run("GRANT CREATE ON SCHEMA public TO PUBLIC");
  await asMallory("CREATE SCHEMA vambe_identity");
  // It fits what the look asks for better than PostgreSQL's own, which takes arguments of any type; and what a sequence
  // has counted is not rolled back.
  await asMallory("CREATE SEQUENCE public.seen");
  await asMallory("GRANT ALL ON SEQUENCE public.seen TO PUBLIC");
  await asMallory(
    `CREATE FUNCTION public.format(text, text, name) RETURNS text LANGUAGE plpgsql AS
       'BEGIN PERFORM nextval(''public.seen''); RETURN $1; END'`,
  );
  for (const account of [url, admin])
    expect(await complaints(account)).toEqual([expect.any(String), expect.any(String)]);
  expect(await postgres.run(admin, "SELECT is_called FROM public.seen")).toEqual([{ is_called: false }]);
});
