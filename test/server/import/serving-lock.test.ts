import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { expect, onTestFinished, test } from "vitest";
import { lockForServing } from "../../../server/ledger/sqlite/serving-lock.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

/** As `servedBy` looks, but for longer. */
const LOOKS = `
  const { parentPort, workerData } = require("node:worker_threads");
  const { DatabaseSync } = require("node:sqlite");
  const db = new DatabaseSync(workerData, { readOnly: true });
  db.exec("BEGIN; SELECT count(*) FROM sqlite_schema");
  parentPort.postMessage("looks");
  setTimeout(() => db.close(), 30);`;

test("an import that just looks whether an exchange runs does not keep one from starting", async () => {
  const folder = temporaryFolder();
  onTestFinished(() => folder.remove());
  const path = folder.file("exchange.db");
  lockForServing(path)();
  const looking = new Worker(LOOKS, { eval: true, workerData: `${path}-serving` });
  await once(looking, "message");
  expect(() => lockForServing(path)()).not.toThrow();
  await looking.terminate();
});
