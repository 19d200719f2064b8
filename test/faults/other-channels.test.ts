import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { type RunningPostgres, startPostgres } from "../support/postgres.ts";
import { startWorld, type World } from "../support/world.ts";

/** One account at Vambe with two sites, each with a channel and an exchange of its own, that were given one database. */
const apiKey = "the-key-of-the-account";
const ofTheAccount = (url: string) => ({
  environment: { VAMBE_DATABASE_URL: url, VAMBE_API_KEY: apiKey },
  vambe: { apiKey },
});

let postgres: RunningPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres[Symbol.asyncDispose]());

const ids = (prefix: string) => Array.from({ length: 20 }, (_, at) => `${prefix}-${at}`);
const seenBy = ({ vambe }: World) => vambe.standIn.contacts().map(({ external_user_id: id }) => id);
const signInAll = (world: World, prefix: string) =>
  Promise.all(
    ids(prefix).map((id) => world.signIn(id, { name: `Name of ${id}`, email: `${id}@example.com` })),
  );

describe("two exchanges with different channels on one database", () => {
  test("carry each their own people, also while the other one's Vambe is down", async () => {
    const url = await postgres.newDatabase();
    const options = ofTheAccount(url);
    await using one = await startWorld(options);
    await using other = await startWorld(options);
    other.vambe.standIn.setFault("down");
    await Promise.all([signInAll(one, "one"), signInAll(other, "other")]);
    await eventually("all of the first have arrived", () => seenBy(one).length >= 20);
    // Time for what must not happen.
    await sleep(2000);
    expect(seenBy(one).sort()).toEqual(ids("one").sort());
    other.vambe.standIn.setFault("normal");
    await eventually("all of the other have arrived", () => seenBy(other).length >= 20);
    expect(seenBy(other).sort()).toEqual(ids("other").sort());
    expect(seenBy(one).sort()).toEqual(ids("one").sort());
  });

  test.each(["plan", "plan,tier"])(
    "and what one lacks a field for is not looked for by the other, which knows %s",
    async (fields) => {
      const url = await postgres.newDatabase();
      const withFields = (listed: string) => {
        const { environment, vambe } = ofTheAccount(url);
        return { environment: { ...environment, VAMBE_FIELDS: listed }, vambe };
      };
      await using one = await startWorld(withFields("plan,tier"));
      await using _other = await startWorld(withFields(fields));
      for (const id of ids("one").slice(0, 10))
        await one.signIn(id, { name: id, fields: { tier: `tier of ${id}` } });
      const missing = "SELECT attempts FROM vambe_identity.missing_field WHERE key = 'tier'";
      // Each look after the first comes later than the one before: nobody begins anew.
      await eventually(
        "it was looked for again",
        async () => Number((await postgres.run(url, missing))[0]?.attempts) >= 2,
        { withinMs: 40_000 },
      );
      // With the field and without it for the first, without it for the others, and with it to look again.
      expect(one.vambe.standIn.upserts().length).toBeLessThanOrEqual(14);
    },
  );

  test("and one that finds rows of another channel names it, and leaves them alone", async () => {
    const url = await postgres.newDatabase();
    const options = ofTheAccount(url);
    await using other = await startWorld(options);
    other.vambe.standIn.setFault("down");
    await signInAll(other, "other");
    await other.exchange.stop();
    await using one = await startWorld(options);
    await expect.poll(() => one.exchange.output()).toContain(other.channelId);
    await one.signIn("one-0", { name: "Jane Doe" });
    await eventually("its own has arrived", () => seenBy(one).includes("one-0"));
    await sleep(1000);
    expect(seenBy(one)).toEqual(["one-0"]);
  });
});
