import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { runExchange } from "../support/exchange-process.ts";
import { freePort } from "../support/free-port.ts";
import { PASSWORD, type RunningPostgres, startPostgres } from "../support/postgres.ts";
import { startTcpProxy } from "../support/tcp-proxy.ts";
import { freshSettings, startWorld, type World } from "../support/world.ts";

const jane = { name: "Jane Doe", email: "jane@example.com", plan: "premium" };

let postgres: RunningPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres[Symbol.asyncDispose]());

const startOn = (url: string, environment = {}) =>
  startWorld({ environment: { VAMBE_DATABASE_URL: url, ...environment } });
const plansOf = (world: World) => world.vambe.standIn.contacts().map(({ fields }) => fields.plan);

describe("PostgreSQL that is not to be had at the start", () => {
  const ends = async (url: string) => {
    const { code, signal, output } = await runExchange({
      ...freshSettings().environment,
      VAMBE_DATABASE_URL: url,
      HOST: "127.0.0.1",
      PORT: `${await freePort()}`,
    });
    expect(output).not.toMatch(/Secret|tester|^\s+at /m);
    return { code, signal, output };
  };

  test("since nobody is there, ends the start with a word and exit code 1", async () => {
    const { code, output } = await ends(`postgres://tester:${PASSWORD}@127.0.0.1:1/db`);
    expect(code).toBe(1);
    expect(output).toMatch(/cannot start\. PostgreSQL at 127\.0\.0\.1:1 cannot be reached \(ECONNREFUSED\)/);
  });

  test("since it never answers", async () => {
    await using proxy = await startTcpProxy(postgres.port);
    proxy.swallow();
    const { code, output } = await ends(`postgres://tester:${PASSWORD}@127.0.0.1:${proxy.port}/db`);
    expect(code).toBe(1);
    expect(output).toMatch(/cannot be reached \(.*timeout/);
  });

  test("since the password is wrong", async () => {
    const url = Object.assign(new URL(await postgres.newDatabase()), { password: `${PASSWORD}-no` }).href;
    const { code, output } = await ends(url);
    expect(code).toBe(1);
    expect(output).toMatch(/refuses the user or the password in VAMBE_DATABASE_URL/);
  });

  test("since a later version has written it", async () => {
    const url = await postgres.newDatabase();
    await using world = await startOn(url);
    await world.exchange.stop();
    await postgres.run(url, "INSERT INTO vambe_identity.migration (version) VALUES (1000)");
    const { code, output } = await ends(url);
    expect(code).toBe(1);
    expect(output).toMatch(/later version of vambe-identity/);
  });
});

describe("PostgreSQL that goes away in the middle", () => {
  test("and comes back: 503 meanwhile, nothing acknowledged is lost, and no restart is needed", async () => {
    await using own = await startPostgres();
    await using world = await startOn(await own.newDatabase());
    expect((await world.signIn("before", { plan: "before" })).identity().status).toBe("delivered");
    world.vambe.standIn.setFault("down");
    expect((await world.signIn("waiting", { plan: "waiting" })).identity().status).toBe("queued");
    await own.goAway();
    for (let number = 0; number < 3; number++) {
      const answer = await world.signIn("meanwhile", jane);
      expect(answer.problem()).toMatchObject({ slug: "storage-unavailable", status: 503 });
    }
    await eventually("it is not ready", async () => (await world.page.send("/readyz", {})).status === 503);
    expect((await world.page.send("/livez", {})).status).toBe(200);
    world.vambe.standIn.setFault("normal");
    await own.comeBack();
    await eventually("it is ready again", async () => (await world.page.send("/readyz", {})).status === 200);
    await eventually(
      "it identifies again",
      async () => (await world.signIn("after", { plan: "after" })).status === 200,
    );
    await eventually("what had been acknowledged has arrived", () => plansOf(world).includes("waiting"), {
      withinMs: 50_000,
    });
    expect(plansOf(world)).not.toContain("premium");
    expect(world.exchange.output()).not.toMatch(/jane|internal error/i);
    expect((await world.exchange.stop()).code).toBe(0);
  });

  test("since it can only be read from now on, as a standby: not ready, with the cause", async () => {
    const url = await postgres.newDatabase();
    await using world = await startOn(url);
    expect((await world.signIn("before", jane)).status).toBe(200);
    const name = new URL(url).pathname.slice(1);
    await postgres.run(url, `ALTER DATABASE ${name} SET default_transaction_read_only = on`);
    const elsewhere = Object.assign(new URL(url), { pathname: "/postgres" }).href;
    await postgres.run(
      elsewhere,
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1",
      [name],
    );
    const readiness = async () => JSON.parse((await world.page.send("/readyz", {})).text);
    await eventually("it says why it is not ready", async () => /standby/.test((await readiness()).reason));
    expect((await world.signIn("meanwhile", { plan: "new" })).problem().slug).toBe("storage-unavailable");
    await postgres.run(elsewhere, `ALTER DATABASE ${name} RESET default_transaction_read_only`);
    await postgres.run(
      elsewhere,
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1",
      [name],
    );
    await eventually("it is ready again", async () => (await readiness()).ledger === "ok");
  });

  test("without a word, as a cable that is pulled: the page is answered within its time", async () => {
    await using proxy = await startTcpProxy(postgres.port);
    const url = Object.assign(new URL(await postgres.newDatabase()), { port: `${proxy.port}` }).href;
    await using world = await startOn(url, { VAMBE_RATE_LIMIT: "300" });
    await world.signIn("before", jane);
    proxy.swallow();
    const answer = await world.signIn("meanwhile", jane);
    expect(answer.problem()).toMatchObject({ slug: "storage-unavailable", status: 503 });
    const counting = world.exchange.log().filter(({ event }) => /does not count/.test(String(event)));
    expect(counting).toEqual([expect.objectContaining({ level: "warn" })]);
    proxy.heal();
    await eventually("it identifies again", async () => (await world.signIn("after", jane)).status === 200);
    expect((await world.exchange.stop()).code).toBe(0);
  });
});

test("an exchange that is cut off without a word can be stopped", async () => {
  await using proxy = await startTcpProxy(postgres.port);
  const url = Object.assign(new URL(await postgres.newDatabase()), { port: `${proxy.port}` }).href;
  await using world = await startOn(url);
  await world.signIn("before", jane);
  proxy.swallow();
  await world.signIn("meanwhile", jane);
  expect(await world.exchange.stop()).toMatchObject({ code: 0, signal: null });
});

describe("two instances on one PostgreSQL", () => {
  test("sign with the same key, let a proof serve once, count together, and tell each other's pages", async () => {
    await using world = await startOn(await postgres.newDatabase(), {
      VAMBE_PROOF_ONCE: "true",
      VAMBE_RATE_LIMIT: "20",
    });
    await using other = await world.startAnother();
    const pages = [world.page, other.page] as const;
    const keys = await Promise.all(pages.map((page) => page.send("/.well-known/jwks.json", {})));
    expect(keys[0]?.text).toBe(keys[1]?.text);

    const proof = world.proofFor("jane-17", { ...jane, jti: "only-once" });
    expect((await pages[0].identify({ id: "jane-17" }, proof)).identity().status).toBe("delivered");
    expect((await pages[1].identify({ id: "jane-17" }, proof)).problem().slug).toBe("proof-used");
    const again = world.proofFor("jane-17", { ...jane, jti: "another" });
    expect((await pages[1].identify({ id: "jane-17" }, again)).identity().status).toBe("unchanged");
    expect(world.vambe.standIn.upserts().length).toBe(1);

    const statuses = [];
    for (let number = 0; number < 24; number++) {
      const page = pages[number % 2 === 0 ? 0 : 1];
      statuses.push((await page.identify({ id: "x" }, "not-a-proof")).status);
    }
    // A proof that was used before is no forgery, and does not count among them.
    expect(statuses.filter((status) => status !== 429).length).toBe(20);
    // Proofs that hold are counted apart: two have been let in.
    const good = [];
    for (let number = 0; number < 20; number++) {
      const page = pages[number % 2 === 0 ? 0 : 1];
      const id = `u${number}`;
      good.push((await page.identify({ id }, world.proofFor(id, { jti: id }))).status);
    }
    expect(good.filter((status) => status !== 429).length).toBe(18);
  });

  test("send one upsert for many page loads at once, wherever they are answered", async () => {
    await using world = await startOn(await postgres.newDatabase());
    await using other = await world.startAnother();
    const pages = [world.page, other.page] as const;
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, number) =>
        pages[number % 2 === 0 ? 0 : 1].identify({ id: "jane-17", ...jane }, world.proofFor("jane-17", jane)),
      ),
    );
    expect(answers.map(({ status }) => status).filter((status) => status !== 200)).toEqual([]);
    await eventually("she has arrived", () => plansOf(world).includes("premium"));
    expect(world.vambe.standIn.upserts().length).toBe(1);
  });

  test("keep one pace", async () => {
    await using world = await startOn(await postgres.newDatabase(), { VAMBE_MAX_RATE: "5" });
    await using other = await world.startAnother();
    const pages = [world.page, other.page] as const;
    const started = performance.now();
    const users = Array.from({ length: 20 }, (_, number) => `u${number}`);
    await Promise.all(
      users.map((id, number) => pages[number % 2 === 0 ? 0 : 1].identify({ id }, world.proofFor(id, jane))),
    );
    await eventually("all have arrived", () => world.vambe.standIn.contacts().length === users.length);
    // 19 intervals of 200 ms lie between 20 upserts, the first of which may go one early.
    expect(performance.now() - started).toBeGreaterThan(3300);
  });
});
