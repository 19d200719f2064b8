import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Environment } from "../support/exchange-process.ts";
import { type RunningPostgres, startPostgres } from "../support/postgres.ts";
import { startWorld } from "../support/world.ts";

/** What is at Vambe drifts: somebody edits or deletes a contact there, and nothing says so. */

let postgres: RunningPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
}, 120_000);
afterAll(() => postgres?.[Symbol.asyncDispose]());

const traits = { name: "Jane Doe", plan: "premium" };
/** 0.864 seconds; a user's own time is a quarter shorter or longer. */
const SOON = "0.00001";
const SOON_IS_OVER_MS = 1200;

describe.each(["SQLite", "PostgreSQL"])("with %s", (database) => {
  const databaseOf = async (): Promise<Environment> =>
    database === "SQLite" ? {} : { VAMBE_DATABASE_URL: await postgres.newDatabase() };

  test("a user is sent again, in full, with the first identify after VAMBE_REFRESH_AFTER", async () => {
    await using world = await startWorld({
      environment: { ...(await databaseOf()), VAMBE_REFRESH_AFTER: SOON },
    });
    const sent = () => world.vambe.standIn.upserts().map(({ body }) => body);
    expect((await world.signIn("jane", traits)).identity().status).toBe("delivered");
    await sleep(SOON_IS_OVER_MS);
    const refreshed = (await world.signIn("jane", traits)).identity();
    expect(refreshed).toMatchObject({ status: "delivered", applied: ["name", "plan"], ignored: [] });
    expect(sent()).toHaveLength(2);
    expect(sent()[1]).toEqual(sent()[0]);
    expect((await world.signIn("jane", traits)).identity().status).toBe("unchanged");
    expect(sent()).toHaveLength(2);
  });

  test("without it, nobody is sent again for a change of settings that says nothing else of a user", async () => {
    await using world = await startWorld({ environment: await databaseOf() });
    await world.signIn("jane", traits);
    const harmless = {
      VAMBE_SOURCE: "another",
      VAMBE_STAGE_ID: randomUUID(),
      VAMBE_AGENT_ID: randomUUID(),
      VAMBE_MAX_RATE: "7",
      VAMBE_PUBLIC_URL: "https://id.example.com",
      VAMBE_IDENTITY_SECRET: `${world.secret},another-${randomUUID()}`,
      VAMBE_WEBCHAT_SECRET: randomUUID(),
      VAMBE_FIELDS: "plan,seats",
      VAMBE_REFRESH_AFTER: "0",
    };
    for (const [name, value] of Object.entries(harmless)) {
      await world.exchange.restart({ [name]: value });
      expect((await world.signIn("jane", traits)).identity().status, name).toBe("unchanged");
    }
    expect(world.vambe.standIn.upserts()).toHaveLength(1);
  });
});
