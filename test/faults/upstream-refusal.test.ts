import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { type RunningPostgres, startPostgres } from "../support/postgres.ts";
import { type Misbehaviour, reply, startUpstream } from "../support/upstream.ts";
import { startWorld } from "../support/world.ts";
import { recordArrivals } from "./arrivals.ts";
import { readinessOf, untilDelivered } from "./promises.ts";

const json = { "content-type": "application/json" };
const gone = reply(400, '{"statusCode":400,"message":"Stage not found","error":"Bad Request"}', json);

let postgres: RunningPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres[Symbol.asyncDispose]());

/** A Vambe that takes contacts for these stages alone. */
function vambeWith(stages: string[]) {
  const arrivals = recordArrivals();
  const behaviour: Misbehaviour = (socket, seen) =>
    (stages.includes(JSON.parse(seen.body).stageId) ? arrivals.take : gone)(socket, seen);
  return { arrivals, behaviour };
}

const users = (prefix: string, count: number) => Array.from({ length: count }, (_, at) => `${prefix}${at}`);

describe.concurrent("a stage that was deleted", { timeout: 180_000 }, () => {
  test("pauses deliveries; with another stage set, all go out by themselves, also who was told `rejected`", async () => {
    const stage = randomUUID();
    const { arrivals, behaviour } = vambeWith([stage]);
    await using upstream = await startUpstream(behaviour);
    await using world = await startWorld({
      apiUrl: upstream.url,
      environment: { VAMBE_STAGE_ID: randomUUID() },
    });
    const ids = users("u", 30);
    const answers: string[] = [];
    for (const id of ids) answers.push((await world.signIn(id, { name: id, plan: "pro" })).identity().status);
    expect(answers.filter((status) => status !== "queued")).toEqual(["rejected", "rejected"]);
    expect((await world.signIn("u0", { name: "u0", plan: "pro" })).identity().status).toBe("queued");
    expect(await readinessOf(world)).toMatchObject({
      status: "ready",
      outbox: { pending: 30, withheld: 0, rejected: 0 },
      deliveries: { paused: true, because: "refused" },
    });
    await eventually("the log says why", () =>
      /"level":"error".*VAMBE_STAGE_ID.*Stage not found/.test(world.exchange.output()),
    );
    // A start with a stage that is wrong as well leaves nobody behind.
    await world.exchange.restart({ VAMBE_STAGE_ID: randomUUID() });
    const calls = upstream.seen.length;
    await eventually("it is tried again", () => upstream.seen.length > calls);
    await world.exchange.restart({ VAMBE_STAGE_ID: stage });
    await untilDelivered(world);
    expect((await readinessOf(world)).outbox).toMatchObject({ rejected: 0 });
    expect(arrivals.ids()).toEqual(ids.toSorted());
    expect(arrivals.upserts()).toBe(30);
    expect(arrivals.contact("u0")).toMatchObject({ name: "u0", fields: { plan: "pro" } });
  });

  test("with two instances on PostgreSQL: nobody is left behind by either when it is back", async () => {
    const stage = randomUUID();
    const stages: string[] = [];
    const { arrivals, behaviour } = vambeWith(stages);
    await using upstream = await startUpstream(behaviour);
    await using world = await startWorld({
      apiUrl: upstream.url,
      environment: {
        VAMBE_STAGE_ID: stage,
        VAMBE_DATABASE_URL: await postgres.newDatabase(),
        VAMBE_PUBLIC_URL: "https://id.example.com",
      },
    });
    await using another = await world.startAnother();
    const ids = users("u", 30);
    const answers: string[] = [];
    for (const [at, id] of ids.entries()) {
      const page = at % 3 ? world.page : another.page;
      const proof = world.proofFor(id, { name: id });
      answers.push((await page.identify({ id, name: id }, proof)).identity().status);
    }
    expect(answers.filter((status) => status === "rejected").length).toBeLessThanOrEqual(4);
    expect(await readinessOf(world)).toMatchObject({ deliveries: { paused: true, because: "refused" } });
    stages.push(stage);
    await untilDelivered(world);
    await eventually("nobody is left behind", async () => (await readinessOf(world)).outbox.rejected === 0);
    await untilDelivered(world);
    expect(arrivals.ids()).toEqual(ids.toSorted());
  });
});
