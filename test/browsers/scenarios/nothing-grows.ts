import { isDeepStrictEqual } from "node:util";
import { expect } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { keeps } from "../at-rest.ts";
import type { Tab } from "../driver/tab.ts";
import { logOut, untilCurrent } from "../in-the-page.ts";
import type { Scenarios } from "../scenario.ts";
import { identifyWithProofs, steer, untilPlanned, visitSteered } from "../steering.ts";

const ANA = { id: "user-ana-01", name: "Ana Rivera" };
const BRUNO = { id: "user-bruno-02", name: "Bruno Costa" };
const JANE = { id: "user-jane-03", name: "Jane Doe" };

/** Turns of the page's own loop, and the calls that it makes in each. */
const TURNS = 10;
const CALLS = 1000;

/** A page may be open for weeks and call as often as it likes. */
export function nothingGrows({ scenarioWithStandIn }: Scenarios): void {
  scenarioWithStandIn(
    "ten thousand calls cost one request a turn, and leave neither listeners nor timers behind",
    async ({ visit, site, exchange }) => {
      site.giveProof(() => "a proof of Ana");
      const tab = await visitSteered({ visit });
      await identifyWithProofs(tab, ANA);
      const before = await left(tab);
      await callInTurns(tab, [ANA, ANA, BRUNO, null, JANE, ANA, null, BRUNO]);
      expect(exchange.received.length - 1).toBeLessThanOrEqual(TURNS);
      await logOut(tab);
      await identifyWithProofs(tab, ANA);
      const { timers } = await left(tab);
      expect(timers).toBeLessThanOrEqual(before.timers + TURNS);
      await untilLeft(tab, before);
      await keeps(tab, ANA);

      const asked = exchange.received.length;
      await callInTurns(tab, [ANA]);
      await keeps(tab, ANA);
      expect(exchange.received).toHaveLength(asked);
      await untilLeft(tab, before);
    },
  );

  scenarioWithStandIn(
    "ten thousand changes of the site's storage cost no request, and leave neither listeners nor timers behind",
    async ({ visit, site, exchange }) => {
      site.giveProof(() => "a proof of Ana");
      const [tab, other] = [await visitSteered({ visit }), await visitSteered({ visit })];
      for (const each of [tab, other]) await identifyWithProofs(each, ANA);
      await noteLastChange(tab);
      const before = await left(tab);
      await other.evaluate(() => {
        const ours = localStorage["vambe-identity"];
        for (let count = 0; count < 10_000; count++) {
          if (count % 4) localStorage[`a basket ${count % 8}`] = count;
          else localStorage["vambe-identity"] = count % 8 ? ours : "{";
        }
        localStorage["the last"] = "change";
      });
      await tab.waitFor("all is heard", () => document.body.dataset.last);
      for (const each of [tab, other]) {
        await keeps(each, ANA);
        expect(await steer(each, "heard")).toEqual([`identified ${ANA.id}`]);
      }
      expect(exchange.received).toHaveLength(2);
      await untilLeft(tab, before);
    },
  );
}

interface Left {
  listeners: number;
  timers: number;
}

/** What is kept, as soon as nothing is under way any more. */
async function left(tab: Tab): Promise<Left> {
  await untilCurrent(tab, ANA.id);
  await untilPlanned(tab);
  return { listeners: await steer(tab, "listeners"), timers: (await steer(tab, "pending")).length };
}

/** A request that was stopped may still have a short timer. */
const untilLeft = (tab: Tab, before: Left) =>
  eventually("as much is left as before", async () => isDeepStrictEqual(await left(tab), before));

/** `null` is a log-out. */
const callInTurns = (tab: Tab, users: (typeof ANA | null)[]) =>
  tab.evaluate(
    async (everyone, turns, calls) => {
      for (let turn = 0; turn < turns; turn++) {
        for (let call = 0; call < calls; call++) {
          const user = everyone[(turn + call) % everyone.length] ?? null;
          void (user ? window.VambeIdentify?.(user) : window.VambeIdentify?.(null));
        }
        await new Promise((resume) => setTimeout(resume));
      }
    },
    users,
    TURNS,
    CALLS,
  );

const noteLastChange = (tab: Tab) =>
  tab.evaluate(() => {
    addEventListener("storage", ({ key }) => {
      if (key === "the last") document.body.dataset.last = key;
    });
  });
