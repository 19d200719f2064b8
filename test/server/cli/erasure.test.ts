import { existsSync, readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createFingerprint } from "../../../server/ledger/fingerprint.ts";
import { SqliteLedger } from "../../../server/ledger/sqlite/ledger.ts";
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

/** Many users whom Vambe has: pages of the table have been split again and again, and have copies in their slack. */
async function fill(): Promise<string[]> {
  const ledger = new SqliteLedger(world.database, createFingerprint(world.apiKey));
  const ids = Array.from({ length: 1500 }, (_, number) => `person-${(number * 7919) % 1500}-of-old`);
  const db = new DatabaseSync(world.database);
  db.exec("PRAGMA secure_delete = ON; PRAGMA busy_timeout = 5000");
  for (const userId of ids) {
    db.prepare(
      `INSERT INTO contact (channel_id, user_id, state, verified, generation, confirmed, attempts, next_attempt_at, lease_until)
       VALUES (?, ?, 'idle', 1, 1, ?, 0, 0, 0)`,
    ).run(world.channelId, userId, JSON.stringify({ name: "x".repeat(Number(userId.split("-")[1]) % 90) }));
  }
  db.close();
  await ledger.close();
  return ids;
}

test("a user who was forgotten is in no page's slack and in no log, while the exchange goes on", async () => {
  const ids = await fill();
  const forgotten = ids.filter((_, number) => number % 100 === 0);
  const answered = await whileAnswering(async () => {
    for (const id of forgotten) {
      const { code, output } = await world.command(["outbox", "forget", id]);
      expect(code, output).toBe(0);
    }
  });
  expect(answered).toBeGreaterThan(0);
  const left = bytes();
  expect(forgotten.filter((id) => left.includes(id))).toEqual([]);
  expect(left).toContain(ids[1]);
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
    const text = String(db.prepare("SELECT value FROM secret").get()?.value);
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
});
