import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import {
  complaintsOf,
  type RunningPgBouncer,
  reasonToSkipPgBouncer,
  sessionsSeenBy,
  startPgBouncer,
  UNTOUCHED,
} from "../support/pgbouncer.ts";
import { type RunningPostgres, startPostgres } from "../support/postgres.ts";
import { startWorld, type World } from "../support/world.ts";

const skipped = reasonToSkipPgBouncer();
const notRun = skipped ? ` (not run: ${skipped})` : "";

const jane = { name: "Jane Doe", email: "jane@example.com", plan: "premium" };

let postgres: RunningPostgres;
beforeAll(async () => {
  if (!skipped) postgres = await startPostgres();
});
afterAll(async () => void (await postgres?.[Symbol.asyncDispose]()));

const startBehind = async (bouncer: RunningPgBouncer, environment = {}) => {
  const url = await postgres.newDatabase();
  const behind = bouncer.inFrontOf(url);
  const world = await startWorld({ environment: { VAMBE_DATABASE_URL: behind, ...environment } });
  return { url, behind, world };
};

const warningsOf = (world: World) => world.exchange.log().filter(({ level }) => level !== "info");

describe.skipIf(skipped)(`behind PgBouncer in transaction mode${notRun}`, () => {
  test("an exchange starts, identifies, delivers and stops without a warning, its own or PgBouncer's", async () => {
    await using bouncer = await startPgBouncer(postgres);
    const { world } = await startBehind(bouncer);
    await using _ = world;
    await using other = await world.startAnother();
    expect((await world.signIn("jane", jane)).identity().status).toBe("delivered");
    expect((await other.page.identify({ id: "jane" }, world.proofFor("jane", jane))).identity().status).toBe(
      "unchanged",
    );
    expect((await world.exchange.stop()).code).toBe(0);
    expect((await other.stop()).code).toBe(0);
    expect(warningsOf(world)).toEqual([]);
    expect(complaintsOf(bouncer)).toEqual([]);
  });

  test("it says once that there is a pooler, and looks for others' work in place of listening", async () => {
    await using bouncer = await startPgBouncer(postgres);
    const { world } = await startBehind(bouncer);
    await using _ = world;
    for (let number = 0; number < 20; number++) await world.signIn(`u${number}`, jane);
    const said = world.exchange.log().filter(({ event }) => /pooler/.test(String(event)));
    expect(said).toEqual([expect.objectContaining({ level: "info" })]);
  });

  test("a limit of 60 lets in 60, over both instances, however many come at once", async () => {
    await using bouncer = await startPgBouncer(postgres, { default_pool_size: 3 });
    const { world } = await startBehind(bouncer, { VAMBE_RATE_LIMIT: "60" });
    await using _ = world;
    await using other = await world.startAnother();
    const pages = [world.page, other.page] as const;
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, number) =>
        pages[number % 2 === 0 ? 0 : 1].identify({ id: `u${number}` }, world.proofFor(`u${number}`, jane)),
      ),
    );
    expect(answers.filter(({ status }) => status === 200).length).toBe(60);
    expect(answers.filter(({ status }) => status === 429).length).toBe(140);
    expect(complaintsOf(bouncer)).toEqual([]);
  });

  test("two instances keep one pace", async () => {
    await using bouncer = await startPgBouncer(postgres, { default_pool_size: 3 });
    const { world } = await startBehind(bouncer, { VAMBE_MAX_RATE: "5" });
    await using _ = world;
    await using other = await world.startAnother();
    const pages = [world.page, other.page] as const;
    const started = performance.now();
    await Promise.all(
      Array.from({ length: 15 }, (_, number) =>
        pages[number % 2 === 0 ? 0 : 1].identify({ id: `u${number}` }, world.proofFor(`u${number}`, jane)),
      ),
    );
    await eventually("all have arrived", () => world.vambe.standIn.contacts().length === 15);
    // 14 intervals of 200 ms lie between 15 upserts, the first of which may go one early.
    expect(performance.now() - started).toBeGreaterThan(2300);
  });

  test("nothing of the exchange's or its commands' stays in a connection that others are lent next", async () => {
    await using bouncer = await startPgBouncer(postgres, { default_pool_size: 2 });
    const { world, behind } = await startBehind(bouncer);
    await using _ = world;
    for (let number = 0; number < 20; number++) await world.signIn(`u${number}`, jane);
    expect(await sessionsSeenBy(behind, 2)).toEqual([UNTOUCHED, UNTOUCHED]);
    const environment = { VAMBE_DATABASE_URL: behind };
    expect(await world.command(["outbox", "forget", "u1"], environment)).toMatchObject({ code: 0 });
    expect(await world.command(["keys", "rotate"], environment)).toMatchObject({ code: 0 });
    expect(await world.command(["outbox", "list"], environment)).toMatchObject({ code: 0 });
    expect(await sessionsSeenBy(behind, 2)).toEqual([UNTOUCHED, UNTOUCHED]);
    expect(complaintsOf(bouncer)).toEqual([]);
  });

  test("the server itself ends a statement that takes too long, and no later one of anybody's by that", async () => {
    await using bouncer = await startPgBouncer(postgres, { default_pool_size: 2 });
    const { world, url, behind } = await startBehind(bouncer);
    await using _ = world;
    await world.signIn("jane", jane);
    const holder = new pg.Client({ connectionString: url });
    await holder.connect();
    await holder.query("BEGIN; LOCK TABLE vambe_identity.contact IN ACCESS EXCLUSIVE MODE");
    const refused = await world.signIn("jane", { ...jane, plan: "other" });
    await holder.query("ROLLBACK");
    await holder.end();
    expect(refused.problem()).toMatchObject({ slug: "storage-unavailable", status: 503 });
    // query_canceled: it is the server that says so, and not the client that gave up.
    await expect.poll(() => world.exchange.output()).toContain("PostgresTrouble 57014");
    const neighbour = new pg.Client({ connectionString: behind });
    await neighbour.connect();
    await neighbour.query("SELECT pg_sleep(5)");
    await neighbour.end();
    expect((await world.signIn("jane", { ...jane, plan: "other" })).status).toBe(200);
  });

  test("connections that PgBouncer has not to spare are waited for", async () => {
    await using bouncer = await startPgBouncer(postgres, { max_client_conn: 6 });
    const { world } = await startBehind(bouncer);
    await using _ = world;
    const answers = await Promise.all(Array.from({ length: 100 }, (_, at) => world.signIn(`u${at}`, jane)));
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
  });

  test("a table that others use is not vacuumed, and that is said, as without it", async () => {
    await using bouncer = await startPgBouncer(postgres, { default_pool_size: 2 });
    const { world, url, behind } = await startBehind(bouncer);
    await using _ = world;
    await world.signIn("jane", jane);
    const dump = new pg.Client({ connectionString: url });
    await dump.connect();
    await dump.query("BEGIN; LOCK TABLE vambe_identity.contact IN SHARE ROW EXCLUSIVE MODE");
    const forgetting = world.command(["outbox", "forget", "jane"], { VAMBE_DATABASE_URL: behind });
    await eventually("it waits for the table", async () => {
      const [row] = await postgres.run(url, "SELECT count(*)::int AS waits FROM pg_locks WHERE NOT granted");
      return row?.waits === 1;
    });
    await dump.query("ROLLBACK");
    expect(await forgetting).toMatchObject({ code: 0 });
    await dump.query("BEGIN; LOCK TABLE vambe_identity.secret IN ACCESS SHARE MODE");
    const rotating = await world.command(["keys", "rotate"], { VAMBE_DATABASE_URL: behind });
    await dump.query("ROLLBACK");
    await dump.end();
    expect(rotating).toMatchObject({
      code: 1,
      output: expect.stringContaining("something else is using the table"),
    });
    expect(await sessionsSeenBy(behind, 2)).toEqual([UNTOUCHED, UNTOUCHED]);
  });
});
