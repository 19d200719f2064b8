import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { importing } from "../server/import/importing.ts";
import { type RunningPostgres, startPostgres } from "../support/postgres.ts";
import { startWorld } from "../support/world.ts";

/** An import that is killed, and killed again: nobody is missing, nobody has an old value, and each failure is told once. */

const ROWS = 3000;
const KILLS = 10;
const SETTINGS = { VAMBE_FIELDS: "plan" };

let postgres: RunningPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
}, 120_000);
afterAll(() => postgres?.[Symbol.asyncDispose]());

const planOf = (row: number) => `plan-${row % 7}`;
const isBad = (row: number) => row % 100 === 99;
const FILE = `id,name,plan\n${Array.from({ length: ROWS }, (_, row) =>
  isBad(row) ? `null,Nobody ${row},pro\n` : `u${row},"Doe, Jane ${row}",${planOf(row)}\n`,
).join("")}`;

describe.each(["alone", "beside an exchange on SQLite", "beside an exchange on PostgreSQL"])(
  "%s",
  (where) => {
    test(`${ROWS} rows, killed ${KILLS} times at random and resumed`, { timeout: 300_000 }, async () => {
      const onPostgres = where.endsWith("PostgreSQL")
        ? { VAMBE_DATABASE_URL: await postgres.newDatabase() }
        : {};
      await using world = await startWorld({ environment: { ...SETTINGS, ...onPostgres } });
      if (where === "alone") await world.exchange.stop();
      const { start, write } = importing(world, { ...SETTINGS, ...onPostgres });
      const file = write("users.csv", FILE);
      const arrived = () => world.vambe.standIn.contacts().length;
      for (let kill = 0; kill < KILLS; kill++) {
        await using running = start([file, ...(kill > 0 ? ["--resume"] : [])]);
        const before = arrived();
        await expect.poll(arrived, { interval: 20 }).toBeGreaterThan(before);
        // It writes down how far it is once a second.
        await sleep(kill === 0 ? 1500 : Math.random() * 1000);
        expect(running.isRunning()).toBe(true);
        running.kill();
        await running.ended;
      }
      const { output, status } = await start([file, "--resume"]).ended;
      expect(output).toMatch(/Rows: 3,000\..*Failed: 30\./);
      expect(status).toBe(1);
      const contacts = new Map(
        world.vambe.standIn.contacts().map(({ external_user_id: id, fields }) => [id, fields.plan]),
      );
      const wrong = Array.from({ length: ROWS }, (_, row) => row).filter(
        (row) => !isBad(row) && contacts.get(`u${row}`) !== planOf(row),
      );
      expect(wrong).toEqual([]);
      expect(contacts.size).toBe(ROWS - ROWS / 100);
      const failed = readFileSync(world.folder.file("users.failed.csv"), "utf8").trim().split("\n").slice(1);
      const lines = failed.map((line) => Number(/Nobody (\d+)/.exec(line)?.[1]));
      expect(lines).toEqual(Array.from({ length: ROWS }, (_, row) => row).filter(isBad));
    });
  },
);

test("an outage in the middle holds it up, and nobody is missing afterwards", {
  timeout: 120_000,
}, async () => {
  await using world = await startWorld({ environment: SETTINGS });
  const { start, write } = importing(world, SETTINGS);
  const running = start([write("users.csv", FILE)]);
  await expect.poll(() => world.vambe.standIn.contacts().length).toBeGreaterThan(300);
  world.vambe.standIn.setFault("down");
  await sleep(3000);
  expect(running.isRunning()).toBe(true);
  world.vambe.standIn.setFault("normal");
  const { output } = await running.ended;
  expect(output).toMatch(/Rows: 3,000\. Sent: 2,970\..*Failed: 30\./);
});
