import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { identified } from "../../widget/stand-in-exchange.ts";
import { keeps, untilAtRest } from "../at-rest.ts";
import type { Scenarios } from "../scenario.ts";
import type { Misbehaving, Stage } from "../stage.ts";

const ANA = { id: "user-ana-01", name: "user-ana-01" };
const BRUNO = { id: "user-bruno-02", name: "user-bruno-02" };

/** How many page loads, and how many identifies, two pages may cost until both rest. */
const FEW = 12;

/** Two pages with two users, each of which wants its own back, come to an end. */
export function echoes({ scenarioWithStandIn }: Scenarios): void {
  for (const [speed, ms] of [
    ["", 0],
    [", also where the exchange takes its time for one of them", 700],
  ] as const) {
    const takeTime = ({ exchange }: Stage<Misbehaving>) =>
      exchange.behave(async ({ user }) => {
        if (ms && user.id === ANA.id) await sleep(ms);
        return identified(user.id);
      });

    for (const [what, page] of [
      ["load themselves anew", "own-user-reloading.html"],
      ["say their own user again", "own-user-again.html"],
    ] as const) {
      scenarioWithStandIn(
        `two tabs with two users that ${what} in vambe:reset come to rest, each with its own${speed}`,
        async (stage) => {
          takeTime(stage);
          const tabs = [
            await stage.visit(`${page}?${ANA.id}`),
            await stage.visit(`${page}?${BRUNO.id}`),
          ] as const;
          await comesToRest(stage);
          await keeps(tabs[0], ANA);
          await keeps(tabs[1], BRUNO);
          await comesToRest(stage);
        },
      );
    }

    for (const [what, page] of [
      ["loads itself anew", "framing-reloading.html"],
      ["says its own user again", "framing-again.html"],
    ] as const) {
      for (const [frames, frame] of [
        ["says that nobody is there", "own-user-only.html"],
        ["says another user", `own-user-only.html?${BRUNO.id}`],
        ["says another user, again and again", `own-user-again.html?${BRUNO.id}`],
      ] as const) {
        scenarioWithStandIn(
          `a page that ${what} in vambe:reset, with a frame that ${frames}, comes to rest with its own${speed}`,
          async (stage) => {
            takeTime(stage);
            const tab = await stage.visit(`${page}?${frame}`);
            await comesToRest(stage);
            await keeps(tab, ANA);
            await comesToRest(stage);
          },
        );
      }
    }
  }
}

/** Page loads and identifies are few, and no more of them come. */
async function comesToRest({ site, exchange }: Stage<Misbehaving>): Promise<void> {
  const pages = () => site.asked().filter((name) => /^(own-user|framing)-/.test(name)).length;
  const [loads, identifies] = await untilAtRest(() => [pages(), exchange.received.length]);
  expect(loads, "page loads").toBeLessThanOrEqual(FEW);
  expect(identifies, "identifies").toBeLessThanOrEqual(FEW);
}
