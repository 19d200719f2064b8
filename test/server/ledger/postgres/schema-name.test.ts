import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openExistingLedger, openLedger } from "../../../../server/ledger/open.ts";
import { dataKeyOf } from "../../../support/data-key.ts";
import { eventually } from "../../../support/eventually.ts";
import { PASSWORD, type RunningPostgres, startPostgres } from "../../../support/postgres.ts";

const channelId = "a1b2c3d4-e5f6-7890-abcd-ef1234567890";

let postgres: RunningPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres[Symbol.asyncDispose]());

describe("two schemas in one database", () => {
  test("know nothing of each other, and nothing is made beside the one that is named", async () => {
    const url = await postgres.newDatabase();
    const open = (name: string) => openLedger(`${url}?schema=${name}`, dataKeyOf(name), channelId);
    const [one, other] = [await open("one"), await open("other")];
    const heard: string[] = [];
    await one.takeOver();
    await other.takeOver();
    other.shared?.listen(({ kind }) => heard.push(kind));
    await eventually("it listens", () => heard.includes("due"));
    heard.length = 0;
    await one.record({ channelId, userId: "u", traits: { name: "Jane" }, verified: true }, Date.now());
    await one.replaceSecret("keys", undefined, "of one");
    expect((await one.outbox()).pending).toBe(1);
    expect((await other.outbox()).pending).toBe(0);
    expect(await other.readSecret("keys")).toBeUndefined();
    const command = await openExistingLedger(`${url}?schema=one`);
    expect(await command.forget("u")).toBe(true);
    expect(await command.purge("contacts")).toMatch(/VACUUM FULL one\.contact/);
    await command.close();
    await one.close();
    await other.close();
    expect(heard).toEqual([]);
    const schemas = await postgres.run(
      url,
      "SELECT nspname AS name FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname NOT IN ('public', 'information_schema') ORDER BY 1",
    );
    expect(schemas.map(({ name }) => name)).toEqual(["one", "other"]);
  });

  test.each(["", "pg_mine", "Staging", "a-b", "a.b", 'x"y', "1st", "x".repeat(64)])(
    "a name that would need quotes is refused: %s",
    async (name) => {
      const url = `${await postgres.newDatabase()}?schema=${encodeURIComponent(name)}`;
      await expect(openLedger(url, dataKeyOf("key"), channelId)).rejects.toThrow(/\?schema=.*small letters/);
      await expect(openLedger(url, dataKeyOf("key"), channelId)).rejects.not.toThrow(PASSWORD);
    },
  );
});
