import { expect } from "vitest";
import { keeps, keepsNobody } from "../at-rest.ts";
import type { Tab } from "../driver/tab.ts";
import { identify, logOut, untilCurrent, untilNobody } from "../in-the-page.ts";
import type { Scenarios } from "../scenario.ts";
import { MINUTE, steer, visitSteered } from "../steering.ts";

const ANA = { id: "user-ana-01", name: "Ana Rivera" };
const BRUNO = { id: "user-bruno-02", name: "Bruno Costa" };

/** However often users change, other tabs do not go on with one who is gone. */
export function changesOfUser({ scenarioWithStandIn }: Scenarios): void {
  for (const [clock, ahead] of [
    ["", 0],
    [", also where the clock was a day fast once", 24 * 60 * MINUTE],
  ] as const) {
    scenarioWithStandIn(
      `users who change every two minutes are followed each time${clock}`,
      async (stage) => {
        const [one, other] = [await visitSteered(stage, ahead), await visitSteered(stage)];
        expect(await identify(one, BRUNO)).toBe("delivered");
        await steer(one, "setClock", -ahead);
        for (const user of [ANA, BRUNO, ANA, BRUNO, ANA, BRUNO]) {
          for (const tab of [one, other]) await steer(tab, "pass", 2 * MINUTE);
          // The other tab has the user of before, and is told of the next one.
          await identifyAs(other, user === ANA ? BRUNO : ANA);
          expect(await identify(one, user)).toBe("delivered");
          await untilNobody(other);
          await untilCurrent(one, user.id);
        }
        await keepsNobody(other);
        await keeps(one, BRUNO);
      },
    );
  }

  scenarioWithStandIn(
    "who signs in and out five times, every ten seconds, is signed out in all tabs each time",
    async (stage) => {
      const [one, other] = [await visitSteered(stage), await visitSteered(stage)];
      for (let count = 0; count < 5; count++) {
        for (const tab of [one, other]) await identifyAs(tab, ANA);
        await tenSecondsPass(one, other);
        await logOut(one);
        for (const tab of [one, other]) await untilNobody(tab);
        await tenSecondsPass(one, other);
      }
      for (const tab of [one, other]) await keepsNobody(tab);
    },
  );

  scenarioWithStandIn(
    "a log-out after five changes of user, every ten seconds, is one in all tabs",
    async (stage) => {
      const [one, other] = [await visitSteered(stage), await visitSteered(stage)];
      for (const user of [ANA, BRUNO, ANA, BRUNO, ANA]) {
        await identifyAs(one, user);
        await tenSecondsPass(one, other);
      }
      await identifyAs(other, ANA);
      await logOut(one);
      for (const tab of [one, other]) await keepsNobody(tab);
    },
  );
}

async function tenSecondsPass(...tabs: Tab[]): Promise<void> {
  for (const tab of tabs) await steer(tab, "pass", 10_000);
}

async function identifyAs(tab: Tab, user: typeof ANA): Promise<void> {
  expect(await identify(tab, user)).toBe("delivered");
}
