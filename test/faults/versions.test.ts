import { copyFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runExchange } from "../support/exchange-process.ts";
import { type RunningPostgres, startPostgres } from "../support/postgres.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { startWorld } from "../support/world.ts";

let postgres: RunningPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres[Symbol.asyncDispose]());

/** What the next version's exchange does to the database when it starts. `needs`: the oldest schema that can go on with it. */
type Upgrade = (needs: number) => Promise<unknown>;

const DATABASES: [string, () => Promise<{ url?: string; upgrade(path: string): Upgrade }>][] = [
  [
    "SQLite",
    async () => ({
      upgrade: (path) => async (needs) => {
        const db = new DatabaseSync(path);
        db.exec("PRAGMA busy_timeout = 5000; ALTER TABLE contact ADD COLUMN of_the_next_version INTEGER");
        db.exec(`PRAGMA user_version = 1000; UPDATE schema_needs SET version = ${needs}`);
        db.close();
      },
    }),
  ],
  [
    "PostgreSQL",
    async () => {
      const url = await postgres.newDatabase();
      return {
        url,
        upgrade: () => async (needs) => {
          await postgres.run(
            url,
            "ALTER TABLE vambe_identity.contact ADD COLUMN of_the_next_version integer",
          );
          await postgres.run(url, "INSERT INTO vambe_identity.migration (version, needs) VALUES (1000, $1)", [
            needs,
          ]);
        },
      };
    },
  ],
];

/** Of the schema that this version writes: anything that is not above it. */
const ADDS_ONLY = 1;

describe.each(DATABASES)("with %s", (_, open) => {
  test("a version goes on with what the next one has only added to, and may be started again beside it", async () => {
    const { url, upgrade } = await open();
    await using world = await startWorld({ environment: url ? { VAMBE_DATABASE_URL: url } : {} });
    const signIn = async (id: string, name = "Jane Doe") =>
      (await world.signIn(id, { name })).identity().status;
    expect(await signIn("before")).toBe("delivered");
    await upgrade(world.database)(ADDS_ONLY);
    expect(await signIn("before")).toBe("unchanged");
    expect(await signIn("meanwhile")).toBe("delivered");
    await world.exchange.stop();
    await world.exchange.restart();
    expect(await signIn("before")).toBe("unchanged");
    expect(await signIn("before", "Jane Roe")).toBe("delivered");
    expect(await signIn("meanwhile")).toBe("unchanged");
  });

  test("a version does not start on what the next one has made into something else, and says so", async () => {
    const { url, upgrade } = await open();
    const environment: Record<string, string> = url ? { VAMBE_DATABASE_URL: url } : {};
    await using world = await startWorld({ environment });
    await world.exchange.stop();
    await upgrade(world.database)(1000);
    await expect(world.exchange.restart()).rejects.toThrow(/later version of vambe-identity.*update/);
    expect((await world.command(["outbox"], environment)).output).toMatch(/later version/);
  });
});

test("a command does not touch the database of an earlier version, whose exchange may be running", async () => {
  using folder = temporaryFolder();
  const database = folder.file("ledger.db");
  copyFileSync(new URL("fixtures/ledger-v1.sqlite", import.meta.url), database);
  for (const command of [
    ["outbox"],
    ["keys", "list"],
    ["outbox", "retry", "--all"],
    ["outbox", "forget", "pending"],
  ]) {
    const { code, output } = await runExchange({ VAMBE_DATABASE_URL: `file:${database}` }, command);
    expect(code).toBe(1);
    expect(output).toMatch(/earlier version.*start this version's exchange once/);
  }
  const db = new DatabaseSync(database);
  expect(db.prepare("PRAGMA user_version").get()).toEqual({ user_version: 1 });
  db.close();
});
