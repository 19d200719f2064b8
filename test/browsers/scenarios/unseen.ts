import { expect } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { identified } from "../../widget/stand-in-exchange.ts";
import type { Tab } from "../driver/tab.ts";
import { current, identify, untilBadgeSays, untilCurrent, untilNobody, untilReady } from "../in-the-page.ts";
import type { Scenarios } from "../scenario.ts";
import { settled } from "../settled.ts";
import type { Misbehaving, Stage } from "../stage.ts";
import { stored } from "../what-is-left.ts";

const ANA = { id: "user-ana-01", name: "Ana Rivera" };
const BRUNO = { id: "user-bruno-02", name: "Bruno Costa" };

/** Pages that are made ready before anybody sees them, as browsers do with the next page that they expect. */
export function unseen({ scenarioWithStandIn }: Scenarios): void {
  for (const [visitor, then] of [
    [BRUNO, "signs Bruno Costa in"],
    [null, "logs everybody out"],
  ] as const) {
    scenarioWithStandIn(
      `a page made ready unseen does nothing until it is looked at, then ${then}`,
      async (stage) => {
        const other = await signedIn(stage);
        const [before, requests] = [await stored(other), stage.exchange.requests.length];

        stage.site.fill({ visitor: JSON.stringify(visitor) });
        const tab = await stage.visit("prerendered.html#unseen");
        await untilReady(tab);
        await settled();
        expect(await current(tab)).toBeNull();
        expect(stage.exchange.requests.slice(requests)).toEqual([
          "GET /vambe-identity.js",
          "GET /vambe-identity-gate.js",
        ]);
        expect(await stored(tab)).toEqual(before);
        expect(await current(other)).toBe(ANA.id);

        await activate(tab);
        if (visitor) {
          await untilCurrent(tab, visitor.id);
          await untilBadgeSays(tab, visitor.name);
        }
        await untilNobody(other);
        expect(stage.exchange.received.map(({ user }) => user.id)).toEqual(
          visitor ? [ANA.id, visitor.id] : [ANA.id],
        );
      },
    );
  }

  scenarioWithStandIn("of the calls on a page made ready unseen, the last one is made", async (stage) => {
    stage.site.fill({ visitor: JSON.stringify(BRUNO) });
    const tab = await stage.visit("prerendered.html#unseen");
    await untilReady(tab);
    const outcomes = tab.evaluate(
      (users) =>
        Promise.all(
          users.map((user) =>
            window.VambeIdentify?.(user).then(
              ({ id }) => id,
              ({ code }: { code: string }) => code,
            ),
          ),
        ),
      [ANA, { ...BRUNO, name: "Bruno" }, ANA],
    );
    await settled();
    expect(stage.exchange.received).toEqual([]);
    await activate(tab);
    expect(await outcomes).toEqual(["superseded", "superseded", ANA.id]);
    expect(stage.exchange.received.map(({ user }) => user.id)).toEqual([ANA.id]);
  });

  scenarioWithStandIn(
    "a page that the browser itself makes ready does nothing until it is looked at",
    async (stage) => {
      const other = await signedIn(stage);
      const [before, requests] = [await stored(other), stage.exchange.requests.length];

      stage.site.fill({ visitor: JSON.stringify(BRUNO) });
      const tab = await stage.visit("prerenders.html");
      // Only Chromium does it. With the others this is a page like any.
      if (stage.browser.engine === "Chromium") {
        await eventually("the script is there", () => stage.site.asked().includes("visitor"));
        await settled();
        expect(stage.exchange.requests.slice(requests)).toEqual([
          "GET /vambe-identity.js",
          "GET /vambe-identity-gate.js",
        ]);
        expect(await stored(other)).toEqual(before);
        expect(await current(other)).toBe(ANA.id);
      }
      await tab.click(() => document.querySelector("a"));
      await untilCurrent(tab, BRUNO.id);
      await untilBadgeSays(tab, BRUNO.name);
      await untilNobody(other);
      expect(await wasMadeReady(tab)).toBe(stage.browser.engine === "Chromium");
      expect(stage.exchange.received.map(({ user }) => user.id)).toEqual([ANA.id, BRUNO.id]);
    },
  );
}

async function signedIn({ visit, exchange }: Stage<Misbehaving>): Promise<Tab> {
  exchange.behave(({ user }) => identified(user.id));
  const tab = await visit("plain.html");
  await untilReady(tab);
  expect(await identify(tab, ANA)).toBe("delivered");
  await untilBadgeSays(tab, ANA.name);
  return tab;
}

const activate = (tab: Tab) =>
  tab.evaluate(() => {
    Object.defineProperty(document, "prerendering", { configurable: true, value: false });
    document.dispatchEvent(new Event("prerenderingchange"));
  });

const wasMadeReady = (tab: Tab): Promise<boolean> =>
  tab.evaluate(() => {
    const [entry] = performance.getEntriesByType("navigation");
    return !!(entry as { activationStart?: number } | undefined)?.activationStart;
  });
