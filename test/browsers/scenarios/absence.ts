import { expect } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { identified } from "../../widget/stand-in-exchange.ts";
import { heldBack, keeps, keepsNobody } from "../at-rest.ts";
import type { Tab } from "../driver/tab.ts";
import { identify, identifyAndForget, logOut, untilReady } from "../in-the-page.ts";
import type { Scenarios } from "../scenario.ts";
import type { Misbehaving, Stage } from "../stage.ts";
import { steer, visitSteered } from "../steering.ts";

const ANA = { id: "user-ana-01", name: "Ana Rivera" };

/** What stands where the widget keeps its statement, and is none. */
const BROKEN = ["{", "{}", "123", '"x"', "[]", "[null]", '["x"]'];

const KEY = "vambe-identity";

/** That nothing is stored, or nothing that makes sense, logs nobody out. Only a log-out does. */
export function absence({ scenarioWithStandIn }: Scenarios): void {
  for (const [what, take] of [
    ["clears its storage in one tab", (tabs: Tab[]) => clear(tabs.slice(0, 1))],
    ["clears its storage in every tab", clear],
    ["removes our item", ([tab]: Tab[]) => tab?.evaluate((key) => localStorage.removeItem(key), KEY)],
  ] as const) {
    scenarioWithStandIn(
      `a site that ${what} logs nobody out; a log-out afterwards is heard`,
      async (stage) => {
        const tabs = await twoWithAna(stage);
        await take(tabs);
        await staySignedInUntilLogOut(tabs);
      },
    );
  }

  for (const value of BROKEN) {
    scenarioWithStandIn(
      `with ${JSON.stringify(value)} in the place of what we stored nobody is logged out; a log-out afterwards is heard`,
      async (stage) => {
        const tabs = await twoWithAna(stage);
        await tabs[0].evaluate((key, broken) => localStorage.setItem(key, broken), KEY, value);
        await staySignedInUntilLogOut(tabs);
      },
    );
  }

  scenarioWithStandIn(
    "a log-out elsewhere ends a first call that is under way, though nothing was stored before",
    async (stage) => {
      const { exchange } = stage;
      const { held, letGo } = heldBack();
      exchange.behave(async ({ user }) => {
        await held;
        return identified(user.id);
      });
      const [tab, other] = [await visitSteered(stage), await visitSteered(stage)];
      await identifyAndForget(tab, ANA);
      await eventually("the call is under way", () => exchange.received.length === 1);
      await logOut(other);
      await eventually("it is heard", async () => `${await steer(tab, "heard")}` === "reset");
      letGo();
      for (const each of [tab, other]) await keepsNobody(each);
      expect(await steer(tab, "heard")).toEqual(["reset"]);
    },
  );

  for (const [when, order] of [
    ["right after", ["log out", "clear"]],
    ["right before", ["clear", "log out"]],
  ] as const) {
    scenarioWithStandIn(
      `a log-out is heard in a tab of a site that clears its storage ${when} it`,
      async (stage) => {
        const [tab, other] = await twoWithAna(stage);
        await tab.evaluate(
          (steps) => {
            for (const step of steps) {
              if (step === "clear") localStorage.clear();
              else void window.VambeIdentify?.(null);
            }
          },
          order as readonly string[],
        );
        for (const each of [tab, other]) await keepsNobody(each);
        expect(await steer(other, "heard")).toEqual([`identified ${ANA.id}`, "reset"]);
      },
    );
  }

  scenarioWithStandIn(
    "who signs in after the storage was cleared is told to the other tabs",
    async (stage) => {
      const [tab, other] = await twoWithAna(stage);
      await clear([tab]);
      expect(await identify(tab, { id: "user-bruno-02", name: "Bruno Costa" })).toBe("delivered");
      await keepsNobody(other);
      await keeps(tab, { id: "user-bruno-02", name: "Bruno Costa" });
    },
  );
}

async function twoWithAna(stage: Stage<Misbehaving>): Promise<[Tab, Tab]> {
  const tabs: [Tab, Tab] = [await visitSteered(stage), await visitSteered(stage)];
  for (const tab of tabs) {
    await untilReady(tab);
    expect(await identify(tab, ANA)).toBe("delivered");
  }
  return tabs;
}

async function clear(tabs: Tab[]): Promise<void> {
  for (const tab of tabs) await tab.evaluate(() => localStorage.clear());
}

async function staySignedInUntilLogOut(tabs: Tab[]): Promise<void> {
  const [one, other] = tabs as [Tab, Tab];
  for (const tab of tabs) {
    await steer(tab, "show");
    await keeps(tab, ANA);
    expect(await steer(tab, "heard")).toEqual([`identified ${ANA.id}`]);
  }
  await logOut(one);
  for (const tab of [one, other]) await keepsNobody(tab);
}
