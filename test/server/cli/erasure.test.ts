import { existsSync, readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { startWorld, type World } from "../../support/world.ts";

let world: World;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

/** The bytes of the database and of its write-ahead log, as whoever finds the disk reads them. */
const bytes = () =>
  [world.database, `${world.database}-wal`]
    .filter(existsSync)
    .map((path) => readFileSync(path, "latin1"))
    .join("\n");

/** The exchange goes on answering while `work` runs. @returns how many it has answered */
async function whileAnswering(work: () => Promise<void>): Promise<number> {
  let answered = 0;
  let over = false;
  const visitor = async () => {
    for (let number = 0; !over; number++) {
      const answer = await world.signIn(`visitor-${number % 50}`, { name: `Name ${number}` });
      if (answer.status === 200) answered += 1;
    }
  };
  const visits = visitor();
  try {
    await work();
  } finally {
    over = true;
    await visits;
  }
  return answered;
}

/**
 * Many users whom Vambe has, and whose rows have grown: pages were split, and SQLite has left copies of some rows in the
 * slack of others. @returns the ids of those
 */
function fill(): string[] {
  const ids = Array.from({ length: 1500 }, (_, number) => `person-${(number * 7919) % 1500}-of-old`);
  const db = new DatabaseSync(world.database);
  db.exec("PRAGMA busy_timeout = 5000; PRAGMA secure_delete = ON; BEGIN IMMEDIATE");
  const insert = db.prepare(
    `INSERT INTO contact (channel_id, user_id, state, verified, generation, confirmed, attempts, next_attempt_at,
       lease_until) VALUES (?, ?, 'idle', 1, 1, '{}', 0, 0, 0)`,
  );
  const grow = db.prepare("UPDATE contact SET confirmed = ? WHERE channel_id = ? AND user_id = ?");
  for (const id of ids) insert.run(world.channelId, id);
  for (const size of [40, 80])
    for (const [number, id] of ids.entries())
      grow.run(JSON.stringify({ name: "x".repeat(size + (number % 60)) }), world.channelId, id);
  db.exec("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)");
  db.close();
  const file = readFileSync(world.database, "latin1");
  return ids.filter((id) => file.split(id).length > 2);
}

test("a user who was forgotten is in no page's slack and in no log, while the exchange goes on", async () => {
  const copied = fill().slice(0, 4);
  expect(copied.length).toBeGreaterThan(0);
  const answered = await whileAnswering(async () => {
    for (const id of copied) {
      const { code, output } = await world.command(["outbox", "forget", id]);
      expect(code, output).toBe(0);
    }
  });
  expect(answered).toBeGreaterThan(0);
  const left = bytes();
  expect(copied.filter((id) => left.includes(id))).toEqual([]);
  expect(left).toContain("-of-old");
}, 120_000);

describe("while something reads an older state of the database, a command that erases", () => {
  /** Such as a backup, a replication, an open shell. */
  const openReader = () => {
    const reader = new DatabaseSync(world.database);
    reader.exec("BEGIN");
    reader.prepare("SELECT count(*) FROM contact").get();
    return { end: () => reader.close() };
  };
  const privatePart = () => {
    const db = new DatabaseSync(world.database);
    const text = String(db.prepare("SELECT value FROM secret WHERE name = 'signing-keys'").get()?.value);
    db.close();
    return /"d":"([^"]+)"/.exec(text)?.[1] ?? "";
  };

  test("outbox forget: says that it is not done, and does it when it is run again", async () => {
    await world.signIn("to-be-forgotten", { name: "Nobody Nomore" });
    const reader = openReader();
    const first = await world.command(["outbox", "forget", "to-be-forgotten"]);
    expect(first.code).toBe(1);
    expect(first.output).toMatch(/still in the database's files.*backup.*run this command again/s);
    expect(first.output).not.toMatch(/to-be-forgotten|^\s+at /m);
    expect(bytes()).toContain("to-be-forgotten");
    // The exchange can write all the same.
    expect((await world.signIn("another", { name: "x" })).status).toBe(200);
    reader.end();
    const second = await world.command(["outbox", "forget", "to-be-forgotten"]);
    expect(second.code, second.output).toBe(0);
    expect(bytes()).not.toContain("to-be-forgotten");
  });

  test("keys retire: the same for the key", async () => {
    const { output } = await world.command(["keys", "list"]);
    const [kid = ""] = /^\S{43}/m.exec(output) ?? [];
    const d = privatePart();
    expect(bytes()).toContain(d);
    const reader = openReader();
    const first = await world.command(["keys", "retire", kid, "--yes"]);
    expect(first.code).toBe(1);
    expect(first.output).toMatch(/is retired;.*still in the database's files/s);
    expect(first.output).not.toContain(d);
    reader.end();
    const second = await world.command(["keys", "retire", kid, "--yes"]);
    expect(second.code, second.output).toBe(0);
    expect(bytes()).not.toContain(d);
  });

  test("a stop of the exchange: says so in the log", async () => {
    await world.signIn("delivered", { name: "Nobody Nomore" });
    const reader = openReader();
    await world.signIn("delivered-later", { name: "Nobody Nomore" });
    const { output } = await world.exchange.stop();
    expect(output).toMatch(/"level":"warn".*write-ahead log could not be emptied/);
    reader.end();
    await world.exchange.restart();
    await world.exchange.stop();
    expect(world.exchange.output().match(/could not be emptied/g)?.length).toBe(1);
    expect(bytes()).not.toContain("Nobody Nomore");
  });
});

test("outbox forget, beside somebody who does not stop writing, says what is to be done", async () => {
  await world.signIn("to-be-forgotten");
  const writer = new DatabaseSync(world.database);
  writer.exec("BEGIN IMMEDIATE");
  const { code, output } = await world.command(["outbox", "forget", "to-be-forgotten"]);
  writer.close();
  expect(code).toBe(1);
  expect(output).toMatch(/VAMBE_DATABASE_URL.*something else has been writing.*Run this again/);
  expect(output).not.toMatch(/locked|^\s+at /m);
});
