import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { callsOf, newCountedDatabase, startCountingPostgres } from "../support/counted-statements.ts";
import type { RunningPostgres } from "../support/postgres.ts";
import { startWorld } from "../support/world.ts";

let postgres: RunningPostgres;
beforeAll(async () => {
  postgres = await startCountingPostgres();
}, 120_000);
afterAll(() => postgres?.[Symbol.asyncDispose]());

const traits = { name: "Jane Doe", plan: "premium" };
/** More than any test here has, and no less than one that is counted. */
const LIMITED = "100000";

/** An exchange with limits that count, and Jane, whom Vambe knows already. */
async function startCounted() {
  const { url, statementsOf } = await newCountedDatabase(postgres);
  const world = await startWorld({
    environment: { VAMBE_DATABASE_URL: url, VAMBE_RATE_LIMIT: LIMITED },
  });
  expect((await world.signIn("jane", traits)).identity().status).toBe("delivered");
  expect((await world.signIn("jane", traits)).identity().status).toBe("unchanged");
  return {
    url,
    world,
    /** What the database is asked while `work` goes on: of rows and counts, and else, as the exchange does now and then. */
    queriesOf: async (work: () => Promise<unknown>) => {
      const statements = await statementsOf(work);
      const asked = callsOf(statements, /request_count/);
      return { asked, other: callsOf(statements, /^/) - asked };
    },
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  };
}

describe("an unchanged identify, with its limits, asks PostgreSQL", () => {
  test("once, where it comes alone", async () => {
    await using counted = await startCounted();
    const { asked, other } = await counted.queriesOf(async () => {
      for (let number = 0; number < 50; number++)
        expect((await counted.world.signIn("jane", traits)).identity().status).toBe("unchanged");
    });
    expect(asked).toBe(50);
    // What an exchange does by itself, however many come.
    expect(other).toBeLessThan(25);
  });

  test("and is answered where somebody keeps the counts of requests locked", async () => {
    await using counted = await startCounted();
    const shell = new pg.Client({ connectionString: counted.url });
    await shell.connect();
    await shell.query("BEGIN; LOCK TABLE vambe_identity.request_count");
    for (let number = 0; number < 3; number++)
      expect((await counted.world.signIn("jane", traits)).identity().status).toBe("unchanged");
    expect(counted.world.exchange.output()).toMatch(/the database does not count requests/);
    await shell.end();
  });

  test("less than once, where more come at once", async () => {
    await using counted = await startCounted();
    const { asked } = await counted.queriesOf(async () => {
      const all = Array.from({ length: 200 }, () => counted.world.signIn("jane", traits));
      for (const answer of await Promise.all(all)) expect(answer.identity().status).toBe("unchanged");
    });
    expect(asked).toBeGreaterThan(0);
    expect(asked).toBeLessThan(100);
  });
});
