import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { explain } from "../../../../server/explain.ts";
import { SqliteLedger } from "../../../../server/ledger/sqlite/ledger.ts";
import { transaction } from "../../../../server/ledger/sqlite/transaction.ts";
import { dataKeyOf } from "../../../support/data-key.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

test("a disk that is full is named as such, and not what SQLite has undone by itself", async () => {
  using folder = temporaryFolder();
  const db = new DatabaseSync(folder.file("full.db"));
  // SQLite says the same where it may use no more pages and where the disk has none.
  db.exec("CREATE TABLE t (x TEXT) STRICT; PRAGMA max_page_count = 5");
  const fill = () =>
    transaction(db, () => {
      for (let n = 0; n < 20; n++) db.prepare("INSERT INTO t VALUES (?)").run("x".repeat(4000));
    });
  const thrown = await fill().then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(thrown).toMatchObject({ code: "ERR_SQLITE_ERROR", errcode: 13 });
  expect(explain(thrown)).toMatch(/VAMBE_DATABASE_URL.*the disk is full/);
  // Nothing is left open, and nothing of it is there.
  expect(await transaction(db, () => db.prepare("SELECT count(*) AS n FROM t").get())).toEqual({ n: 0 });
  db.close();
});

test("a stop that may not write, as on a full disk or beside somebody who does not let go, warns and closes the file", async () => {
  using folder = temporaryFolder();
  const path = folder.file("kept.db");
  const warned: string[] = [];
  const ledger = new SqliteLedger(path, dataKeyOf("key"), "c", (text) => warned.push(text));
  await ledger.takeOver();
  const other = new DatabaseSync(path);
  other.exec("BEGIN IMMEDIATE");
  await ledger.close();
  expect(warned).toEqual([expect.stringMatching(/could not be written at the stop.*until the next stop/)]);
  await expect(ledger.outbox()).rejects.toThrow(/not open/);
  other.close();
});
