import { copyFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { injected, processesOf, withoutStrace } from "../durability/strace.ts";
import { type Database, traceIdentifies } from "../durability/traced-world.ts";
import { eventually } from "../support/eventually.ts";
import { DURABLE, startPostgres } from "../support/postgres.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { startWorld, type World } from "../support/world.ts";
import { identify, untilDelivered } from "./promises.ts";

/** A group that is written together, and what may become of its flush. */

const users = (from: string, count = 20) => Array.from({ length: count }, (_, number) => `${from}-${number}`);

/** Each of them at once. @returns those that were told that they are stored; all others are told that they are not */
async function identifyAll(world: World, ids: readonly string[]): Promise<string[]> {
  const answers = await Promise.allSettled(ids.map((id) => world.signIn(id, { name: "Jane" })));
  return ids.filter((_, at) => {
    const answer = answers[at];
    // The process, or its connection, may be gone.
    if (answer?.status !== "fulfilled") return false;
    if (answer.value.status === 200) return true;
    expect(answer.value.problem()).toMatchObject({ slug: "storage-unavailable", status: 503 });
    return false;
  });
}

const arrived = (world: World) =>
  world.vambe.standIn.contacts().map(({ external_user_id: id }) => String(id));

/** In the database file itself, without its write-ahead log. */
function usersInFile({ database }: World): unknown[] {
  const folder = temporaryFolder();
  copyFileSync(database, folder.file("copy.db"));
  const db = new DatabaseSync(folder.file("copy.db"));
  const rows = db.prepare("SELECT user_id FROM contact").all();
  db.close();
  folder.remove();
  return rows.map((row) => row.user_id);
}

const readiness = async (world: World) => JSON.parse((await world.page.send("/readyz", {})).text);

describe.skipIf(withoutStrace)(
  withoutStrace ? `the flush (skipped: ${withoutStrace})` : "the flush",
  { timeout: 240_000 },
  () => {
    test.each<Database>(["SQLite", "PostgreSQL"])(
      "with %s, no answer leaves before the flush has returned that holds its row",
      async (database) => {
        expect(await traceIdentifies(database, false)).toEqual({ answers: 100, early: 0 });
      },
    );

    test.each<Database>(["SQLite", "PostgreSQL"])("with %s, would be missed", async (database) => {
      expect((await traceIdentifies(database, true)).early).toBeGreaterThan(50);
    });

    test("fails: nobody of that group is told that it is stored, and it is not ready until one has gone well", async () => {
      await using world = await startWorld();
      world.vambe.standIn.setFault("down");
      const before = await identifyAll(world, users("before"));
      expect(before).toHaveLength(20);
      {
        await using _ = await injected(
          [world.exchange.pid() ?? 0],
          "fsync:error=EIO",
          `${world.database}-wal`,
        );
        expect(await identifyAll(world, users("failed"))).toEqual([]);
        // What it has said may be a second old; that a write went well a while ago counts no more.
        await sleep(1000);
        expect(await readiness(world)).toMatchObject({ status: "not ready", ledger: "failed" });
        expect(await identifyAll(world, users("failed"))).toEqual([]);
      }
      await eventually("it is ready again", async () => (await readiness(world)).status === "ready");
      // What the failed flush was to hold may never come to the disk: all of the log has gone into the file before it goes on.
      expect(usersInFile(world)).toEqual(expect.arrayContaining(before));
      const after = await identifyAll(world, users("after"));
      expect(after).toHaveLength(20);
      await world.exchange.kill();
      world.vambe.standIn.setFault("normal");
      await world.exchange.restart();
      await untilDelivered(world);
      expect(arrived(world)).toEqual(expect.arrayContaining([...before, ...after]));
      expect((await identify(world, "failed-1", { name: "Jane" })).status).toMatch(/delivered|unchanged/);
    });

    test("is where the process is killed: who was answered is there, and the file is whole", async () => {
      await using world = await startWorld();
      world.vambe.standIn.setFault("down");
      const acknowledged: string[] = [];
      for (let round = 1; round <= 5; round++) {
        {
          await using _ = await injected(
            [world.exchange.pid() ?? 0],
            `fsync:signal=KILL:when=${round}`,
            `${world.database}-wal`,
          );
          while (world.exchange.isRunning())
            acknowledged.push(...(await identifyAll(world, users(`${round}-${acknowledged.length}`, 10))));
        }
        await world.exchange.restart();
      }
      world.vambe.standIn.setFault("normal");
      await untilDelivered(world);
      expect(arrived(world)).toEqual(expect.arrayContaining(acknowledged));
    });

    test("is never reached where the disk is full in the middle of a group: all of it is refused, and nothing of it is half there", async () => {
      await using world = await startWorld();
      world.vambe.standIn.setFault("down");
      {
        await using _ = await injected(
          [world.exchange.pid() ?? 0],
          "pwrite64:error=ENOSPC:when=4+",
          `${world.database}-wal`,
        );
        expect(await identifyAll(world, users("refused"))).toEqual([]);
      }
      const after = await identifyAll(world, users("after"));
      expect(after).toHaveLength(20);
      world.vambe.standIn.setFault("normal");
      await untilDelivered(world);
      expect(arrived(world).sort()).toEqual(after.sort());
    });

    test("fails at PostgreSQL's own disk, which then starts anew: who was answered is there, and the exchange goes on", async () => {
      await using postgres = await startPostgres(DURABLE);
      const VAMBE_DATABASE_URL = await postgres.newDatabase();
      await using world = await startWorld({ environment: { VAMBE_DATABASE_URL } });
      world.vambe.standIn.setFault("down");
      const acknowledged = await identifyAll(world, users("before"));
      expect(acknowledged).toHaveLength(20);
      {
        await using _ = await injected(processesOf(postgres), "fdatasync:error=EIO");
        expect(await identifyAll(world, users("failed"))).toEqual([]);
      }
      await eventually("it goes on", async () => {
        const [id] = await identifyAll(world, ["after"]);
        return id === "after";
      });
      world.vambe.standIn.setFault("normal");
      await untilDelivered(world);
      expect(arrived(world)).toEqual(expect.arrayContaining([...acknowledged, "after"]));
    });
  },
);
