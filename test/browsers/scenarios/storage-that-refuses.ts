import { expect } from "vitest";
import { keeps, keepsNobody } from "../at-rest.ts";
import type { Tab } from "../driver/tab.ts";
import { identify, logOut } from "../in-the-page.ts";
import type { Scenarios } from "../scenario.ts";
import { steer, visitSteered } from "../steering.ts";

const ANA = { id: "user-ana-01", name: "Ana Rivera" };
const BRUNO = { id: "user-bruno-whose-id-is-longer-02", name: "Bruno Costa" };

/** Storage that takes nothing more: full, or made so by the page. */
export function storageThatRefuses({ scenarioWithStandIn }: Scenarios): void {
  for (const [what, refuse, allow] of [
    ["is full", fill, empty],
    ["throws on each write", throwOnWrites, writeAgain],
  ] as const) {
    scenarioWithStandIn(
      `where storage ${what}, a visitor is identified and logged out as ever`,
      async (stage) => {
        const tab = await visitSteered(stage);
        await refuse(tab);
        expect(await identify(tab, ANA)).toBe("delivered");
        await steer(tab, "show");
        await keeps(tab, ANA);
        expect(await identify(tab, BRUNO)).toBe("delivered");
        await steer(tab, "show");
        await keeps(tab, BRUNO);
        await logOut(tab);
        await keepsNobody(tab);
        expect(await identify(tab, ANA)).toBe("delivered");
        await keeps(tab, ANA);
        const heard = [ANA, BRUNO, ANA].map(({ id }) => `identified ${id}`);
        expect(await steer(tab, "heard")).toEqual([heard[0], "reset", heard[1], "reset", heard[2]]);
        await allow(tab);
      },
    );

    scenarioWithStandIn(
      `storage that ${what} for a while logs nobody out in any tab; a log-out afterwards is heard`,
      async (stage) => {
        const tabs = [await visitSteered(stage), await visitSteered(stage)] as const;
        const [one, other] = tabs;
        await refuse(one);
        for (const tab of tabs) {
          expect(await identify(tab, ANA)).toBe("delivered");
          await steer(tab, "show");
        }
        for (const tab of tabs) await keeps(tab, ANA);
        await allow(one);
        for (const tab of tabs) await keeps(tab, ANA);
        await logOut(one);
        for (const tab of [one, other]) await keepsNobody(tab);
      },
    );
  }

  scenarioWithStandIn("a log-out is heard in the other tabs though storage is full", async (stage) => {
    const tabs = [await visitSteered(stage), await visitSteered(stage)] as const;
    for (const tab of tabs) expect(await identify(tab, ANA)).toBe("delivered");
    await fill(tabs[0]);
    for (const tab of tabs) await keeps(tab, ANA);
    await logOut(tabs[0]);
    for (const tab of tabs) await keepsNobody(tab);
    await empty(tabs[0]);
  });
}

/** Takes all the room that there is, with long values first and then with single letters. */
const fill = (tab: Tab) =>
  tab.evaluate(() => {
    for (let size = 2 ** 22, nth = 0; size >= 1; nth++) {
      try {
        localStorage[`filling ${nth}`] = "x".repeat(size);
      } catch {
        size = Math.floor(size / 2);
      }
    }
    let refusal = "";
    try {
      localStorage.another = "some letters";
    } catch (error) {
      refusal = (error as Error).name;
    }
    if (!/Quota/.test(refusal)) throw new Error(`It is not full: ${refusal}`);
  });

const empty = (tab: Tab) =>
  tab.evaluate(() => {
    for (const key of Object.keys(localStorage)) if (key.startsWith("filling")) delete localStorage[key];
  });

/** As browsers did in private windows: everything can be read, and nothing written. */
const throwOnWrites = (tab: Tab) =>
  tab.evaluate(() => {
    const refuse = () => {
      throw new DOMException("no room", "QuotaExceededError");
    };
    const storage = localStorage;
    const value = new Proxy(storage, {
      get: (_, name) => (name === "setItem" ? refuse : Reflect.get(storage, name)),
      set: refuse,
    });
    Object.defineProperty(window, Symbol.for("storage"), { value: storage });
    Object.defineProperty(window, "localStorage", { configurable: true, get: () => value });
  });

const writeAgain = (tab: Tab) =>
  tab.evaluate(() => {
    const value = Reflect.get(window, Symbol.for("storage"));
    Object.defineProperty(window, "localStorage", { configurable: true, value });
  });
