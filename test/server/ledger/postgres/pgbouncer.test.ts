import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openLedger } from "../../../../server/ledger/open.ts";
import { dataKeyOf } from "../../../support/data-key.ts";
import { eventually } from "../../../support/eventually.ts";
import {
  complaintsOf,
  type RunningPgBouncer,
  reasonToSkipPgBouncer,
  sessionsSeenBy,
  startPgBouncer,
  UNTOUCHED,
} from "../../../support/pgbouncer.ts";
import { type RunningPostgres, startPostgres } from "../../../support/postgres.ts";
import { atCallersTime } from "../../../support/postgres-clock.ts";
import { ledgerContract } from "../ledger-contract.ts";
import { outboxContract } from "../outbox-contract.ts";
import { channelId, openInstances } from "./instances.ts";

const skipped = reasonToSkipPgBouncer();
const notRun = skipped ? ` (not run: ${skipped})` : "";

let postgres: RunningPostgres;
beforeAll(async () => {
  if (!skipped) postgres = await startPostgres();
});
afterAll(async () => void (await postgres?.[Symbol.asyncDispose]()));

describe.skipIf(skipped)(`ledgers behind PgBouncer in transaction mode${notRun}:`, () => {
  test("twelve instances that start at once on an empty database make one schema", async () => {
    await using bouncer = await startPgBouncer(postgres, { default_pool_size: 3 });
    const url = await postgres.newDatabase();
    const ledgers = await Promise.all(
      Array.from({ length: 12 }, () => openLedger(bouncer.inFrontOf(url), dataKeyOf("key"), "channel")),
    );
    await Promise.all(ledgers.map((ledger) => ledger.takeOver()));
    const versions = await postgres.run(url, "SELECT version FROM vambe_identity.migration");
    expect(new Set(versions.map(({ version }) => version)).size).toBe(versions.length);
    await Promise.all(ledgers.map((ledger) => ledger.close()));
    expect(complaintsOf(bouncer)).toEqual([]);
  });

  test("what has failed leaves the connection fit for who is lent it next", async () => {
    await using bouncer = await startPgBouncer(postgres, { default_pool_size: 1 });
    const behind = bouncer.inFrontOf(await postgres.newDatabase());
    const ledger = await openLedger(behind, dataKeyOf("key"), "channel");
    await ledger.takeOver();
    const claim = (name: string, userId = "u") => ({
      channelId: "channel",
      userId,
      traits: { name },
      verified: true,
    });
    for (let number = 0; number < 5; number++) {
      await expect(ledger.record(claim("Jane", "\u0000"), Date.now())).rejects.toThrow(/SQLSTATE/);
      expect(await sessionsSeenBy(behind, 1)).toEqual([UNTOUCHED]);
      expect((await ledger.record(claim(`Jane ${number}`), Date.now())).outcome).toBe("changed");
    }
    await ledger.close();
    expect(complaintsOf(bouncer)).toEqual([]);
  });

  test("an instance that is not behind it hears of what one behind it has done", async () => {
    await using bouncer = await startPgBouncer(postgres);
    const url = await postgres.newDatabase();
    await using direct = await openInstances(1, url);
    await using behind = await openInstances(1, bouncer.inFrontOf(url));
    const heard: unknown[] = [];
    direct[0]?.shared.listen((notice) => heard.push(notice.kind));
    await eventually("it listens", () => heard.includes("due"));
    await behind[0]?.ledger.record(
      { channelId, userId: "u", traits: { name: "J" }, verified: true },
      Date.now(),
    );
    await eventually("it hears", () => heard.includes("recorded"));
  });

  test.each([
    [{ pool_mode: "statement" }, "", /pooler in statement mode.*pool_mode = transaction/],
    [{}, "?options=-c%20search_path%3Dpg_catalog", /pooler, and takes no \?options=.*ALTER ROLE/],
    [{ auth_file: "/dev/null" }, "", /refuses the user or the password/],
  ])("what it does not allow is said, with the remedy: %j %s", async (settings, query, words) => {
    await using bouncer = await startPgBouncer(postgres, settings);
    const behind = bouncer.inFrontOf(await postgres.newDatabase()) + query;
    const ledger = await openLedger(behind, dataKeyOf("key"), "channel");
    await expect(ledger.takeOver()).rejects.toThrow(words);
    await ledger.close();
  });

  test("a database that is not there is said to be that", async () => {
    await using bouncer = await startPgBouncer(postgres);
    const url = bouncer.inFrontOf(await postgres.newDatabase()).replace(/[^/]*$/, "not_there");
    const ledger = await openLedger(url, dataKeyOf("key"), "channel");
    await expect(ledger.takeOver()).rejects.toThrow(/has no database of the name/);
    await ledger.close();
  });
});

describe.skipIf(skipped)(`a ledger behind PgBouncer${notRun}`, () => {
  let bouncer: RunningPgBouncer;
  beforeAll(async () => {
    if (!skipped) bouncer = await startPgBouncer(postgres, { default_pool_size: 3 });
  });
  afterAll(async () => void (await bouncer?.[Symbol.asyncDispose]()));
  const open = async () => {
    const url = await postgres.newDatabase();
    const ledger = await openLedger(bouncer.inFrontOf(url), dataKeyOf("key"), channelId);
    await ledger.takeOver();
    return atCallersTime(url, ledger);
  };
  ledgerContract("PostgreSQL behind PgBouncer", open);
  outboxContract("PostgreSQL behind PgBouncer", open);

  test("has nothing for PgBouncer to complain of", () => {
    expect(complaintsOf(bouncer)).toEqual([]);
  });
});
