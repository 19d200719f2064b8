import { statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { GroupCommit } from "../../../../server/ledger/sqlite/group-commit.ts";
import { type TemporaryFolder, temporaryFolder } from "../../../support/temporary-folder.ts";

let folder: TemporaryFolder;
let db: DatabaseSync;
let group: GroupCommit;
beforeEach(() => {
  folder = temporaryFolder();
  db = new DatabaseSync(folder.file("group.db"));
  db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE row (id INTEGER PRIMARY KEY)");
  group = new GroupCommit(db);
});
afterEach(() => {
  db.close();
  folder.remove();
});

const insert = (id: number) => () => {
  db.prepare("INSERT INTO row (id) VALUES (?)").run(id);
  return id;
};
const ids = () =>
  db
    .prepare("SELECT id FROM row ORDER BY id")
    .all()
    .map(({ id }) => id);
/** Each commit appends what it has changed to the write-ahead log: a page and a little at the least. */
const logBytes = () => statSync(folder.file("group.db-wal")).size;
const PAGE = 4096;

describe("writes of one turn", () => {
  test("are one commit, and each is told of its own result", async () => {
    const before = logBytes();
    const results = await Promise.all(Array.from({ length: 50 }, (_, id) => group.write(insert(id))));
    expect(results).toEqual(Array.from({ length: 50 }, (_, id) => id));
    expect(logBytes() - before).toBeLessThan(2 * PAGE);
    for (let id = 50; id < 60; id++) await group.write(insert(id));
    expect(logBytes() - before).toBeGreaterThan(10 * PAGE);
    expect(ids().length).toBe(60);
  });

  test("fail alone: what one of them has begun is undone, and the others are written", async () => {
    const broken = () => {
      insert(2)();
      throw new Error("damaged");
    };
    const ends = await Promise.allSettled([
      group.write(insert(1)),
      group.write(broken),
      group.write(insert(3)),
    ]);
    expect(ends.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(ids()).toEqual([1, 3]);
    await expect(group.write(broken)).rejects.toThrow("damaged");
    expect(ids()).toEqual([1, 3]);
  });

  test("are told of no success where the commit fails", async () => {
    db.exec(
      "CREATE TABLE child (id INTEGER REFERENCES row (id) DEFERRABLE INITIALLY DEFERRED); PRAGMA foreign_keys = ON",
    );
    const orphan = () => void db.prepare("INSERT INTO child (id) VALUES (99)").run();
    const ends = await Promise.allSettled([
      group.write(insert(1)),
      group.write(orphan),
      group.write(insert(2)),
    ]);
    expect(ends.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
    expect(ids()).toEqual([]);
    await expect(group.write(insert(4))).resolves.toBe(4);
  });

  test("wait for another process that is writing, and so do those that come meanwhile", async () => {
    const other = new DatabaseSync(folder.file("group.db"));
    other.exec("BEGIN IMMEDIATE");
    const first = group.write(insert(1));
    setTimeout(() => other.exec("COMMIT"), 100);
    await new Promise((resolve) => setTimeout(resolve, 20));
    const second = group.write(insert(2));
    await group.ended();
    expect(ids()).toEqual([1, 2]);
    expect(await Promise.all([first, second])).toEqual([1, 2]);
    other.close();
  });
});

test("`ended` is there at once where nothing waits", async () => {
  await group.ended();
  void group.write(insert(1));
  await group.ended();
  expect(ids()).toEqual([1]);
});
