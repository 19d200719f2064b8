import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { type RunningPostgres, startPostgres } from "../support/postgres.ts";
import { startWorld } from "../support/world.ts";

let postgres: RunningPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres[Symbol.asyncDispose]());

test.each(["SQLite", "PostgreSQL"])(
  "%s: a field taken out of VAMBE_FIELDS takes its waiting values and its probes along",
  async (kind) => {
    const database: Record<string, string> =
      kind === "SQLite" ? {} : { VAMBE_DATABASE_URL: await postgres.newDatabase() };
    await using world = await startWorld({
      environment: { ...database, VAMBE_FIELDS: "plan,tier" },
      vambe: { fields: [{ key: "plan" }] },
    });
    const outbox = async () => (await world.command(["outbox"], database)).output;
    const jane = { name: "Jane Doe", fields: { tier: "gold" } };
    expect((await world.signIn("u", jane)).identity().ignored).toEqual([
      { trait: "tier", reason: "missing-at-vambe" },
    ]);
    expect(await outbox()).toMatch(/withheld +1.*tier/s);
    const calls = world.vambe.standIn.upserts().length;

    await world.exchange.restart({ VAMBE_FIELDS: "plan" });
    await eventually("nothing is left of it", async () => /withheld +0/.test(await outbox()));
    await eventually("nothing is looked for", async () => !/tier/.test(await outbox()));
    expect((await world.signIn("u", jane)).identity()).toMatchObject({
      status: "unchanged",
      ignored: [{ trait: "tier", reason: "not-in-fields-setting" }],
    });
    expect(world.vambe.standIn.upserts().length).toBe(calls);
  },
);
