import { copyFileSync, existsSync, readFileSync, rmSync, statSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { type RunningPostgres, startPostgres } from "../support/postgres.ts";
import { startWorld, type World } from "../support/world.ts";

let postgres: RunningPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres[Symbol.asyncDispose]());

/** How an operator copies the database, and puts the copy back while the exchange is stopped. */
interface Copies {
  take(): Promise<void>;
  putBack(): Promise<void>;
}

const DATABASES: [string, () => Promise<{ url?: string; copies(world: World): Copies }>][] = [
  [
    "SQLite",
    async () => ({
      copies: (world) => ({
        take: async () => {
          const { code, output } = await world.command(["backup", world.folder.file("copy.db")]);
          expect(code, output).toBe(0);
        },
        putBack: async () => {
          for (const end of ["", "-wal", "-shm"]) rmSync(`${world.database}${end}`, { force: true });
          copyFileSync(world.folder.file("copy.db"), world.database);
        },
      }),
    }),
  ],
  [
    "PostgreSQL",
    async () => {
      const url = await postgres.newDatabase();
      const name = new URL(url).pathname.slice(1);
      const elsewhere = Object.assign(new URL(url), { pathname: "/postgres" }).href;
      return {
        url,
        copies: (world) => ({
          take: async () => {
            await world.exchange.stop();
            await postgres.run(elsewhere, `CREATE DATABASE ${name}_copy TEMPLATE ${name}`);
            await world.exchange.restart();
          },
          putBack: async () => {
            await postgres.run(elsewhere, `DROP DATABASE ${name}`);
            await postgres.run(elsewhere, `ALTER DATABASE ${name}_copy RENAME TO ${name}`);
          },
        }),
      };
    },
  ],
];

describe.each(DATABASES)("a backup that is put back, with %s", (_, open) => {
  test("sends nothing of yesterday, brings back nobody who was forgotten, and sends everybody who comes once", async () => {
    const { url, copies } = await open();
    const environment: Record<string, string> = url ? { VAMBE_DATABASE_URL: url } : {};
    await using world = await startWorld({ environment });
    const { standIn } = world.vambe;
    const { take, putBack } = copies(world);
    const signIn = async (id: string, traits: object) => (await world.signIn(id, traits)).identity().status;
    const command = async (...args: string[]) => {
      const { code, output } = await world.command(args, { ...environment, VAMBE_API_KEY: world.apiKey });
      expect(code, output).toBe(0);
      return output;
    };
    const list = world.folder.file("erased.txt");

    expect(await signIn("known", { name: "Kim Known" })).toBe("delivered");
    standIn.setFault("down");
    for (const id of ["comes-again", "stays-away", "erased-waiting"])
      expect(await signIn(id, { name: "Jane Old", plan: "free" })).toBe("queued");
    await take();
    standIn.setFault("normal");
    await eventually("all have arrived", () => standIn.contacts().length === 4);
    expect(await signIn("comes-again", { name: "Jane New", plan: "pro" })).toBe("delivered");
    await command("outbox", "forget", "erased-waiting", "--erased", list);
    await command("outbox", "forget", "known", "--erased", list);
    expect(readFileSync(list, "utf8")).toMatch(/^[\w-]{43}\n[\w-]{43}\n$/);
    expect(statSync(list).mode & 0o077).toBe(0);
    await world.exchange.stop();

    await putBack();
    const said = await command("restored", "--erased", list);
    expect(said).toMatch(/Held: 2\b/);
    expect(said).toMatch(/Forgotten again: 2\b/);
    const before = standIn.upserts().length;
    await world.exchange.restart();
    // Time for what must not happen.
    await sleep(1500);
    expect(standIn.upserts()).toHaveLength(before);
    expect(await command("outbox", "list")).toMatch(
      /^\S+ +comes-again {2,}rejected.*\n^\S+ +stays-away .*held since the database was restored/m,
    );
    expect(await command("outbox", "list")).not.toMatch(/erased-waiting|known/);

    // Of what was held nothing goes along: the plan is what it is at Vambe.
    expect(await signIn("comes-again", { name: "Jane New" })).toBe("delivered");
    expect(await signIn("comes-again", { name: "Jane New" })).toBe("unchanged");
    expect(JSON.stringify(standIn.upserts().at(-1)?.body)).not.toContain("free");
    await command("outbox", "retry", "stays-away");
    await eventually("the operator has released it", () => standIn.upserts().length === before + 2);
    expect(JSON.stringify(standIn.upserts().at(-1)?.body)).toContain("stays-away");
  });
});

describe("vambe-identity backup", () => {
  test("copies a file that is in use, its owner's alone, overwrites none, and leaves no half of one", async () => {
    await using world = await startWorld();
    const copy = world.folder.file("copy.db");
    expect((await world.signIn("jane", { name: "Jane Doe" })).identity().status).toBe("delivered");
    expect((await world.command(["backup", copy])).output).toMatch(/Written/);
    expect(statSync(copy).mode & 0o077).toBe(0);
    expect(readFileSync(copy, "latin1")).toContain("jane");
    const again = await world.command(["backup", copy]);
    expect([again.code, again.output]).toEqual([1, expect.stringMatching(/is there already/)]);
    const nowhere = await world.command(["backup", world.folder.file("no/such/folder.db")]);
    expect([nowhere.code, nowhere.output]).toEqual([
      1,
      expect.stringMatching(/cannot be written \(ENOENT\)/),
    ]);
    expect(existsSync(`${copy}.partial`)).toBe(false);
    expect((await world.command(["backup"])).code).toBe(2);
  });

  test("of PostgreSQL is left to PostgreSQL's own", async () => {
    const url = await postgres.newDatabase();
    await using world = await startWorld({ environment: { VAMBE_DATABASE_URL: url } });
    const { code, output } = await world.command(["backup", "x"], { VAMBE_DATABASE_URL: url });
    expect([code, output]).toEqual([1, expect.stringMatching(/pg_dump/)]);
  });
});

test("vambe-identity restored is refused while an exchange delivers from the SQLite file", async () => {
  await using world = await startWorld();
  const { code, output } = await world.command(["restored"]);
  expect([code, output]).toEqual([1, expect.stringMatching(/another exchange \(process \d+/)]);
});

test("a list of the erased needs the key of the database", async () => {
  await using world = await startWorld();
  const forget = ["outbox", "forget", "jane", "--erased", world.folder.file("list")];
  expect((await world.command(forget)).output).toMatch(/VAMBE_API_KEY is required/);
  const other = await world.command(forget, { VAMBE_API_KEY: "another-key" });
  expect(other.output).toMatch(/belongs to another VAMBE_API_KEY/);
  expect(existsSync(world.folder.file("list"))).toBe(false);
});
