import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { type RunningPostgres, startPostgres } from "../support/postgres.ts";
import { startVambe } from "../support/vambe.ts";
import { startWorld } from "../support/world.ts";

let postgres: RunningPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres[Symbol.asyncDispose]());

describe.each([
  ["SQLite", undefined],
  ["PostgreSQL", () => postgres.newDatabase()],
] as const)("with %s", (_, newUrl) => {
  test("once Vambe's answers name another organization, nobody more is sent there, and all is kept", async () => {
    const environment = newUrl ? { VAMBE_DATABASE_URL: await newUrl() } : {};
    await using world = await startWorld({ environment });
    expect((await world.signIn("jane", { name: "Jane Doe" })).identity().status).toBe("delivered");

    // The account of somebody else, whose key somebody has taken for this one's new key.
    const apiKey = "key-of-somebody-else";
    await using others = await startVambe({ apiKey });
    await world.exchange.stop();
    await world.exchange.restart({
      VAMBE_API_KEY: apiKey,
      VAMBE_API_KEY_PREVIOUS: world.apiKey,
      VAMBE_API_URL: others.url,
    });
    for (const id of ["one", "two", "three", "four"]) {
      const { status } = (await world.signIn(id, { name: "Jane Doe" })).identity();
      expect([id, status]).toEqual([id, "queued"]);
    }
    const ready = await eventually("all four wait", async () => {
      const found = JSON.parse((await world.page.send("/readyz", {})).text);
      return found.outbox.pending === 4 && found;
    });
    expect(ready.deliveries).toEqual({ paused: true, because: "organization" });
    const said = world.exchange.log().filter(({ event }) => /another organization/.test(String(event)));
    expect(said).toMatchObject([{ level: "error", setting: "VAMBE_API_KEY" }]);
    // Time for what must not happen.
    await sleep(1500);
    expect(others.standIn.upserts()).toHaveLength(1);

    await world.exchange.stop();
    await world.exchange.restart({
      VAMBE_API_KEY: world.apiKey,
      VAMBE_API_KEY_PREVIOUS: "",
      VAMBE_API_URL: world.vambe.url,
    });
    await eventually("all are at their own account", () => world.vambe.standIn.contacts().length === 5);
  });
});
