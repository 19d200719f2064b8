import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { reply, startUpstream } from "../support/upstream.ts";
import { startWorld } from "../support/world.ts";
import { recordArrivals } from "./arrivals.ts";
import { untilDelivered } from "./promises.ts";

/** Two exchanges die at the same time, so often each. */
const DEATHS = 25;
const USERS = ["ana", "ben", "cho", "dan", "eva", "flo"];
/** Each kill comes after at most so many answers and upserts, however slow the machine is, and a moment later. */
const LONGEST_LIFE = 30;
const LAST_MOMENT_MS = 15;
const SLOWEST_ANSWER_MS = 25;

const plan = (version: number) => `v${`${version}`.padStart(6, "0")}`;

describe.concurrent("kill -9, 50 times at random moments", { timeout: 240_000 }, () => {
  test.each(["one", "another"])(
    "%s: nothing that was answered is lost, and nothing older comes after newer",
    async () => {
      const arrivals = recordArrivals();
      await using upstream = await startUpstream(async (socket, seen) => {
        arrivals.note(seen);
        await sleep(Math.random() * SLOWEST_ANSWER_MS);
        return reply(201)(socket, seen);
      });
      await using world = await startWorld({ apiUrl: upstream.url });
      const asked = new Map<string, number>();
      const answered = new Map<string, number>();
      const outcomes: Record<string, number> = {};
      const happened = () =>
        arrivals.upserts() + Object.values(outcomes).reduce((sum, count) => sum + count, 0);

      /** Changes the plan over and over, each time when the last answer is there, until the exchange is dead. */
      const useUp = async (user: string) => {
        for (;;) {
          const version = (asked.get(user) ?? 0) + 1;
          asked.set(user, version);
          const answer = await world.signIn(user, { name: user, plan: plan(version) }).catch(() => undefined);
          const outcome = answer ? answer.identity().status : "cut off";
          outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
          if (!answer) return;
          answered.set(user, version);
        }
      };
      for (let death = 0; death < DEATHS; death++) {
        const users = USERS.map(useUp);
        const life = happened() + Math.floor(Math.random() * LONGEST_LIFE);
        await eventually("it is time", () => happened() >= life, { everyMs: 1 });
        await sleep(Math.random() * LAST_MOMENT_MS);
        await world.exchange.kill();
        await Promise.all(users);
        await world.exchange.restart();
      }
      await untilDelivered(world);

      expect(Object.keys(outcomes).sort()).toEqual(expect.arrayContaining(["cut off", "delivered"]));
      for (const user of USERS) {
        const plans = arrivals.plansOf(user);
        expect({ user, last: plans.at(-1) ?? "" }).toEqual({
          user,
          last: expect.toSatisfy((last: string) => last >= plan(answered.get(user) ?? 0)),
        });
        expect({ user, plans }).toEqual({ user, plans: plans.toSorted() });
      }
      console.log(`${DEATHS} kills, ${arrivals.upserts()} upserts; the answers:`, outcomes);
    },
  );
});
