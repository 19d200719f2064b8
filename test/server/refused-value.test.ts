import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Environment } from "../support/exchange-process.ts";
import { type RunningPostgres, startPostgres } from "../support/postgres.ts";
import { startWorld, type World } from "../support/world.ts";

/** A field of the type `options` whose value Vambe does not take: one trait of one user, and nothing else of anybody. */

const vambe = { fields: [{ key: "plan", options: ["free", "premium"] }, { key: "seats" }] };
const contactOf = (world: World, id: string) =>
  world.vambe.standIn.contacts().find(({ external_user_id }) => external_user_id === id);

let postgres: RunningPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
}, 120_000);
afterAll(() => postgres?.[Symbol.asyncDispose]());

describe.each(["SQLite", "PostgreSQL"])("with %s, a value that Vambe does not take", (database) => {
  const refused = { trait: "plan", reason: "rejected-by-vambe" };
  const databaseOf = async (): Promise<Environment> =>
    database === "SQLite" ? {} : { VAMBE_DATABASE_URL: await postgres.newDatabase() };
  const open = async (more: Environment = {}) =>
    startWorld({ vambe, environment: { VAMBE_FIELDS: "plan,seats", ...(await databaseOf()), ...more } });

  test("is named to the page, which is not told for ever that it is on its way", async () => {
    await using world = await open();
    await world.signIn("good", { plan: "premium" });
    const traits = { name: "Jane", plan: "gold-plated", fields: { seats: 3 } };
    const first = (await world.signIn("bad", traits)).identity();
    expect(first).toMatchObject({ status: "delivered", applied: ["name", "seats"], ignored: [refused] });
    expect(contactOf(world, "bad")).toMatchObject({ contact: { name: "Jane" }, fields: { seats: "3" } });
    const calls = world.vambe.standIn.upserts().length;
    const again = (await world.signIn("bad", traits)).identity();
    expect(again).toMatchObject({ status: "unchanged", applied: ["name", "seats"], ignored: [refused] });
    expect(world.vambe.standIn.upserts().length).toBe(calls);
  });

  test("goes out again when the user's data changes, and all is well once it is one that Vambe takes", async () => {
    await using world = await open();
    await world.signIn("good", { plan: "premium" });
    await world.signIn("bad", { plan: "gold-plated" });
    const changed = (await world.signIn("bad", { name: "Jane", plan: "gold-plated" })).identity();
    expect(changed).toMatchObject({ status: "delivered", ignored: [refused] });
    const right = (await world.signIn("bad", { name: "Jane", plan: "free" })).identity();
    expect(right).toMatchObject({ status: "delivered", applied: ["name", "plan"], ignored: [] });
    expect(contactOf(world, "bad")?.fields).toEqual({ plan: "free" });
  });

  test("is shown to the operator on a terminal with the API key, and nowhere else", async () => {
    const kept = await databaseOf();
    await using world = await open(kept);
    await world.signIn("good", { plan: "premium" });
    await world.signIn("bad", { plan: "gold-plated" });
    const withKey = { VAMBE_DATABASE_URL: `file:${world.database}`, ...kept, VAMBE_API_KEY: world.apiKey };
    const plain = await world.command(["outbox", "list"], withKey);
    expect(plain.output).toMatch(/ plan +\S+ +value refused \(400\): Custom field plan: ".*" is not one/);
    expect(plain.output).not.toContain("gold-plated");
    expect(onTerminal(withKey)).toMatch(/NOT TAKEN OF +FIELD +VALUE\r?\nbad +plan +gold-plated/);
    expect(onTerminal({ ...withKey, VAMBE_API_KEY: "" })).not.toContain("gold-plated");
    const another = onTerminal({ ...withKey, VAMBE_API_KEY: "another" });
    expect(another).toMatch(/bad .*value refused.*VAMBE_API_KEY is not that of this database/s);
    expect(world.exchange.output()).not.toContain("gold-plated");
  });
});

/** `outbox list` on a terminal, as `script` makes one. */
const onTerminal = (environment: Environment): string =>
  execFileSync("script", ["-qfec", `'${process.execPath}' server/cli/main.ts outbox list`, "/dev/null"], {
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
    env: { PATH: process.env.PATH, TERM: "xterm", SHELL: "/bin/sh", ...environment },
    encoding: "utf8",
  });
