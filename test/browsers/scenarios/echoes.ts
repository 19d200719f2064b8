import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { identified } from "../../widget/stand-in-exchange.ts";
import { keeps, untilAtRest } from "../at-rest.ts";
import type { Tab } from "../driver/tab.ts";
import type { Scenarios } from "../scenario.ts";
import type { Misbehaving, Stage } from "../stage.ts";

const ANA = { id: "user-ana-01", name: "user-ana-01" };
const BRUNO = { id: "user-bruno-02", name: "user-bruno-02" };
const JANE = { id: "user-jane-03", name: "user-jane-03" };

/** How many page loads, and how many identifies, may pass until all rest, for each page: a call, and three replies. */
const FEW = 6;

const FRAMES = [
  ["says that nobody is there", "own-user-only.html"],
  ["says another user", `own-user-only.html?${BRUNO.id}`],
  ["says another user, again and again", `own-user-again.html?${BRUNO.id}`],
] as const;

/** Pages with several users, each of which wants its own back, come to an end. */
export function echoes({ scenarioWithStandIn }: Scenarios): void {
  const play = (
    promise: string,
    pages: (readonly [page: string, user: typeof ANA])[],
    { slowly = false } = {},
  ) =>
    scenarioWithStandIn(promise, async (stage) => {
      // Ana's answer comes when everybody else has long said what there was to say.
      stage.exchange.behave(async ({ user }) => {
        if (slowly && user.id === ANA.id) await sleep(700);
        return identified(user.id);
      });
      const tabs: [Tab, typeof ANA][] = [];
      for (const [page, user] of pages) tabs.push([await stage.visit(page), user]);
      await comesToRest(stage, Math.max(pages.length, 2) * FEW);
      for (const [tab, user] of tabs) await keeps(tab, user);
    });

  for (const [what, page] of [
    ["load themselves anew", "own-user-reloading.html"],
    ["say their own user again", "own-user-again.html"],
  ] as const) {
    const own = (user: typeof ANA) => [`${page}?${user.id}`, user] as const;
    const end = `${what} in vambe:reset come to rest, each with its own`;
    play(`two tabs with two users that ${end}`, [own(ANA), own(BRUNO)]);
    play(`two tabs with two users that ${end}, also where one is answered late`, [own(ANA), own(BRUNO)], {
      slowly: true,
    });
    play(`three tabs with three users that ${end}`, [own(ANA), own(BRUNO), own(JANE)]);
  }

  for (const [frames, frame] of FRAMES) {
    const again = `a page that says its user again in vambe:reset, with a frame that ${frames}, keeps its own`;
    play(again, [[`framing-again.html?${frame}`, ANA]]);
    const anew = `a page that loads itself anew in vambe:reset, with a frame that ${frames}, comes to rest`;
    play(anew, [[`framing-reloading.html?${frame}`, ANA]]);
    const late = `${anew}, also where the frame is always first`;
    play(late, [[`framing-reloading.html?${frame}#at-once`, ANA]], { slowly: true });
  }
}

/** Page loads and identifies are few, and no more of them come. */
async function comesToRest({ site, exchange }: Stage<Misbehaving>, few: number): Promise<void> {
  const pages = () => site.asked().filter((name) => /^(own-user|framing)-/.test(name)).length;
  const [loads, identifies] = await untilAtRest(() => [pages(), exchange.received.length]);
  expect(loads, "page loads").toBeLessThanOrEqual(few);
  expect(identifies, "identifies").toBeLessThanOrEqual(few);
}
