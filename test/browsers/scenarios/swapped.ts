import { expect } from "vitest";
import type { Tab } from "../driver/tab.ts";
import { current, identify, logOut, untilBadgeSays, untilCurrent } from "../in-the-page.ts";
import type { Scenarios } from "../scenario.ts";
import { keep, leave, restore, SWAPS } from "../swaps.ts";
import { untilGone } from "../what-is-left.ts";

const ANA = { id: "user-ana-01", name: "Ana Rivera", proof: "proof-1" };

/** Pages whose content is taken out and put in again without a page load. */
export function swapped({ scenarioWithStandIn }: Scenarios): void {
  for (const swap of SWAPS) {
    scenarioWithStandIn(
      `${swap}, put back after a log-out, signs nobody in; a new proof does`,
      async ({ visit, site, exchange }) => {
        site.fill({ visitor: JSON.stringify(ANA), place: "bottom-left" });
        const tab = await visit("swapped.html");
        await signedIn(tab);
        await keep(tab);
        await leave(tab);
        await logOut(tab);
        await restore(tab, swap);
        await tab.waitFor("an error", () => document.documentElement.dataset.errors);
        expect(await errorsOf(tab)).toBe("superseded");
        expect(await current(tab)).toBeNull();
        await untilGone(tab, ANA);
        expect(await identify(tab, ANA)).toBe("superseded");
        expect(exchange.received).toHaveLength(1);

        expect(await identify(tab, { ...ANA, proof: "proof-2" })).toBe("delivered");
        await untilBadgeSays(tab, ANA.name);
      },
    );

    scenarioWithStandIn(
      `${swap}, put back while the visitor is still there, changes nothing`,
      async ({ visit, site, exchange }) => {
        site.fill({ visitor: JSON.stringify(ANA), place: "bottom-left" });
        const tab = await visit("swapped.html");
        await signedIn(tab);
        await keep(tab);
        await leave(tab);
        await restore(tab, swap);
        expect(await current(tab)).toBe(ANA.id);
        expect(exchange.received).toHaveLength(1);
      },
    );

    scenarioWithStandIn(`${swap} with a badge in it, put back, has that one badge, alive`, async (stage) => {
      stage.site.fill({ visitor: JSON.stringify(ANA), place: "#here" });
      const tab = await stage.visit("swapped.html");
      await signedIn(tab);
      await keep(tab);
      for (let times = 0; times < 3; times++) {
        await leave(tab);
        await restore(tab, swap);
        await untilBadgeSays(tab, ANA.name);
        expect(await badges(tab)).toEqual(["alive in #here"]);
      }
      // What goes on is shown, too.
      await identify(tab, { ...ANA, name: "Jane Doe", proof: "proof-2" });
      await untilBadgeSays(tab, "Jane Doe");
    });

    scenarioWithStandIn(`a badge in a corner stays through any number of swaps: ${swap}`, async (stage) => {
      stage.site.fill({ visitor: JSON.stringify(ANA), place: "bottom-left" });
      const tab = await stage.visit("swapped.html");
      await signedIn(tab);
      await keep(tab);
      for (let times = 0; times < 8; times++) {
        await leave(tab);
        await restore(tab, swap);
      }
      await untilBadgeSays(tab, ANA.name);
      expect(await badges(tab)).toEqual(["alive in the root"]);
    });
  }

  scenarioWithStandIn("a whole document that is written anew keeps its one badge, alive", async (stage) => {
    stage.site.fill({ visitor: JSON.stringify(ANA), place: "bottom-left" });
    const tab = await stage.visit("swapped.html");
    await signedIn(tab);
    await tab.evaluate(() => {
      const root = document.documentElement;
      // The markup has an empty copy of the badge in it.
      root.innerHTML = root.innerHTML.toString();
    });
    await untilBadgeSays(tab, ANA.name);
    expect(await badges(tab)).toEqual(["alive in the root"]);
  });
}

async function signedIn(tab: Tab) {
  await untilCurrent(tab, ANA.id);
  await untilBadgeSays(tab, ANA.name);
}

const errorsOf = (tab: Tab) => tab.evaluate(() => document.documentElement.dataset.errors);

/** All elements of the badge's name: whether each is a badge or only a copy, and where it stands. */
const badges = (tab: Tab): Promise<string[]> =>
  tab.evaluate(() =>
    [...document.querySelectorAll("vambe-identity")].map(({ shadowRoot, parentElement }) => {
      const place = parentElement === document.documentElement ? "the root" : `#${parentElement?.id}`;
      return `${shadowRoot ? "alive" : "dead"} in ${place}`;
    }),
  );
