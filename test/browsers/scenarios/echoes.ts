import { expect } from "vitest";
import { identified } from "../../widget/stand-in-exchange.ts";
import { keeps, untilAtRest } from "../at-rest.ts";
import type { Tab } from "../driver/tab.ts";
import { identifyAndForget, untilReady } from "../in-the-page.ts";
import type { Scenarios } from "../scenario.ts";
import type { Misbehaving, Stage } from "../stage.ts";

const ANA = { id: "user-ana-01", name: "user-ana-01" };
const BRUNO = { id: "user-bruno-02", name: "user-bruno-02" };

/** How many page loads, and how many identifies, two pages may cost until both rest. */
const FEW = 12;

/** Two pages with two users, each of which wants its own back, find an end. */
export function echoes({ scenarioWithStandIn }: Scenarios): void {
  for (const [what, page] of [
    ["load themselves anew", "own-user-reloading.html"],
    ["say their own user again", "own-user-again.html"],
  ] as const) {
    scenarioWithStandIn(`two tabs with two users that ${what} in vambe:reset come to rest, each with its own`, async (stage) => {
      const ana = await stage.visit(`${page}?${ANA.id}`);
      await keeps(ana, ANA);
      const bruno = await stage.visit(`${page}?${BRUNO.id}`);
      await comesToRest(stage, page);
      await keeps(ana, ANA);
      await keeps(bruno, BRUNO);
    });

    scenarioWithStandIn(`two such tabs that ${what} come to rest also where the exchange is slow for one of them`, async (stage) => {
      stage.exchange.behave(async ({ user }) => {
        if (user.id === ANA.id) await slowly();
        return identified(user.id);
      });
      const ana = await stage.visit(`${page}?${ANA.id}`);
      const bruno = await stage.visit(`${page}?${BRUNO.id}`);
      await comesToRest(stage, page);
      await keeps(ana, ANA);
      await keeps(bruno, BRUNO);
    });
  }
}
