import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Page } from "../support/page.ts";
import { type RunningPostgres, startPostgres } from "../support/postgres.ts";
import { type Misbehaviour, startUpstream, type Upstream } from "../support/upstream.ts";
import { startWorld, type World } from "../support/world.ts";
import { recordArrivals } from "./arrivals.ts";
import { untilDelivered } from "./promises.ts";

/** `VAMBE_MAX_RATE` as it is by default, and for how long new users come, in milliseconds. */
const PACE = 5;
const ARRIVALS_MS = 24_000;
/** What Vambe takes for an answer, in milliseconds. */
const ANSWER_MS = 150;

let postgres: RunningPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres[Symbol.asyncDispose]());

/** New users at an even rate, in front of one exchange or of two by turns, and what their pages heard. */
async function overload(times: number, instances: 1 | 2 = 1, { waitForTheRest = false } = {}) {
  const arrivals = recordArrivals();
  const answer: Misbehaviour = async (socket, seen) => {
    await sleep(ANSWER_MS);
    return arrivals.take(socket, seen);
  };
  await using upstream = await startUpstream(answer);
  const settings = { VAMBE_MAX_RATE: `${PACE}`, VAMBE_PUBLIC_URL: "https://id.example.com" };
  const database = instances > 1 ? { VAMBE_DATABASE_URL: await postgres.newDatabase() } : {};
  await using world = await startWorld({ apiUrl: upstream.url, environment: { ...settings, ...database } });
  await using stack = new AsyncDisposableStack();
  const pages: Page[] = [world.page];
  if (instances > 1) pages.push(stack.use(await world.startAnother()).page);

  const users = (ARRIVALS_MS / 1000) * PACE * times;
  const began = performance.now();
  const heard: Promise<string>[] = [];
  const visit = async (user: number) => {
    const id = `u${`${user}`.padStart(5, "0")}`;
    const page = pages[user % pages.length] ?? world.page;
    return (await page.identify({ id, name: id }, world.proofFor(id, { name: id }))).identity().status;
  };
  for (let user = 0; user < users; user++) {
    await sleep(Math.max(0, began + (user * ARRIVALS_MS) / users - performance.now()));
    heard.push(visit(user));
  }
  const calls = upstream.seen.length;
  const answers = await Promise.all(heard);
  const delivered = answers.filter((status) => status === "delivered").length;
  const share = delivered / users;
  console.log(
    `${times} x the pace, ${instances} instance(s): ${users} new users, ${calls} calls while they came, ${delivered} told "delivered" (${Math.round(100 * share)} %)`,
  );
  return { calls, delivered, share, left: waitForTheRest ? await theRest(world, upstream) : [] };
}

/** Who had given up, in the order in which they arrive at Vambe when nobody new comes any more. */
async function theRest(world: World, { seen }: Upstream): Promise<string[]> {
  const before = seen.length;
  await untilDelivered(world);
  return seen.slice(before).map(({ body }) => JSON.parse(body).external_user_id);
}

/** How many places anybody has moved up or down in a line. */
const furthestFromItsPlace = (line: string[]) => {
  const sorted = line.toSorted();
  return Math.max(...line.map((id, at) => Math.abs(sorted.indexOf(id) - at)));
};

describe.concurrent("new users at an even rate,", { timeout: 240_000 }, () => {
  test("as many as the pace takes: nearly every page is told", async () => {
    const { share } = await overload(1);
    expect(share).toBeGreaterThan(0.9);
  });

  test("twice as many, for a while: who was not told arrives afterwards, in the order in which they came", async () => {
    const { left } = await overload(2, 1, { waitForTheRest: true });
    expect(left.length).toBeGreaterThan(60);
    // Requests that come at the same moment may overtake each other.
    expect(furthestFromItsPlace(left)).toBeLessThan(5);
  });

  // Of five calls one is for those that have given up, so that they move too.
  test.each([
    [2, 1],
    [10, 1],
    [2, 2],
  ] as const)(
    "%i times as many, %i instance(s): about as many pages are told as calls are made for pages",
    async (times, instances) => {
      const { delivered, calls } = await overload(times, instances);
      expect(delivered / calls).toBeGreaterThan(0.65);
    },
  );
});
