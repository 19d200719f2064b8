import { chmodSync } from "node:fs";
import { expect, test } from "vitest";
import { explain } from "../../../../server/explain.ts";
import { openExistingLedger, openLedger } from "../../../../server/ledger/open.ts";
import { dataKeyOf } from "../../../support/data-key.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

const NOBODY = 65534;

/** Does it as somebody for whom what may not be written cannot be. */
async function asNobody<T>(work: () => Promise<T>): Promise<T> {
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(NOBODY);
  try {
    return await work();
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
}

test.skipIf(process.platform === "win32")(
  "a database on a disk that can only be read, such as a mounted backup, can be looked into, and says why it cannot be changed",
  async () => {
    using folder = temporaryFolder();
    const path = folder.file("ü?#.db");
    const exchange = await openLedger(`file:${path}`, dataKeyOf("key"), "c");
    await exchange.takeOver();
    const claim = { channelId: "c", userId: "waits", traits: { name: "x" }, verified: true };
    await exchange.record(claim, Date.now());
    await exchange.close();
    chmodSync(path, 0o444);
    chmodSync(folder.path, 0o555);
    await asNobody(async () => {
      const command = await openExistingLedger(`file:${path}`);
      expect(await command.outbox()).toMatchObject({ pending: 1 });
      expect((await command.entries({ state: undefined, limit: 5 })).map(({ userId }) => userId)).toEqual([
        "waits",
      ]);
      const refused = await command.forget("waits").catch((error: unknown) => error);
      expect(explain(refused)).toMatch(/VAMBE_DATABASE_URL.*can only be read/);
      await command.close();
    });
    chmodSync(folder.path, 0o755);
  },
);
