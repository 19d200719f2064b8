import { expect } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { identified, problem } from "../../widget/stand-in-exchange.ts";
import { heldBack, keeps, keepsNobody } from "../at-rest.ts";
import type { Tab } from "../driver/tab.ts";
import { identify, untilBadgeSays, untilNobody, untilReady } from "../in-the-page.ts";
import type { Scenarios } from "../scenario.ts";
import {
  callWithProofs,
  identifyWithProofs,
  MINUTE,
  steer,
  UNTIL_RENEWAL,
  untilPlanned,
  visitSteered,
} from "../steering.ts";

const ANA = { id: "user-ana-01", name: "Ana Rivera" };
const BRUNO = { id: "user-bruno-02", name: "Bruno Costa" };

const BOTH = [
  ["tab", false],
  ["frozen tab", true],
] as const;

/** A renewal is not newer than what a visitor has done since in another tab. */
export function renewalAndLogin({ scenarioWithStandIn }: Scenarios): void {
  for (const [when, wake] of [
    ["when the visitor looks at it", "show"],
    ["when its timer rings", "ring"],
  ] as const) {
    scenarioWithStandIn(
      `a frozen tab that wakes ${when} leaves Ana if Bruno has signed in elsewhere, however late its renewal`,
      async (stage) => {
        const { exchange, site } = stage;
        site.giveProof(() => "a proof of Ana");
        const [ana, bruno] = [await visitSteered(stage), await stage.visit("plain.html")];
        await identifyWithProofs(ana, ANA);
        await steer(ana, "freeze", true);
        await untilReady(bruno);
        expect(await identify(bruno, BRUNO)).toBe("delivered");
        await steer(ana, "pass", UNTIL_RENEWAL);
        await steer(ana, wake);
        await keepsNobody(ana);
        await keeps(bruno, BRUNO);
        expect(await steer(ana, "heard")).toEqual([`identified ${ANA.id}`, "reset"]);
        expect(exchange.received.map(({ user }) => user.id)).toEqual([ANA.id, BRUNO.id]);
      },
    );
  }

  for (const [which, frozen] of BOTH) {
    scenarioWithStandIn(
      `a renewal that is under way in a ${which} while Bruno signs in elsewhere brings Ana back nowhere`,
      async (stage) => {
        const { exchange, site } = stage;
        const { held, letGo } = heldBack();
        exchange.behave(async ({ user }, count) => {
          if (count === 2) await held;
          return identified(user.id);
        });
        site.giveProof(() => "a proof of Ana");
        const [ana, bruno] = [await visitSteered(stage), await stage.visit("plain.html")];
        await identifyWithProofs(ana, ANA);
        await steer(ana, "pass", UNTIL_RENEWAL);
        await steer(ana, "ring");
        await eventually("the renewal is under way", () => exchange.received.length === 2);
        await steer(ana, "freeze", frozen);
        await untilReady(bruno);
        expect(await identify(bruno, BRUNO)).toBe("delivered");
        letGo();
        await keepsNobody(ana);
        await keeps(bruno, BRUNO);
        expect(await steer(ana, "heard")).toEqual([`identified ${ANA.id}`, "reset"]);
        expect(exchange.received).toHaveLength(3);
      },
    );
  }

  for (const [which, frozen] of BOTH) {
    scenarioWithStandIn(
      `a ${which} that waits for a new proof while Bruno signs in elsewhere does nothing with it`,
      async (stage) => {
        const { exchange } = stage;
        const [ana, bruno] = [await visitSteered(stage), await stage.visit("plain.html")];
        await callWithProofsAtAWord(ana);
        await untilPlanned(ana);
        await steer(ana, "pass", UNTIL_RENEWAL);
        await steer(ana, "ring");
        await ana.waitFor("a proof is asked for", () => document.body.dataset.asked);
        await steer(ana, "freeze", frozen);
        await untilReady(bruno);
        expect(await identify(bruno, BRUNO)).toBe("delivered");
        await ana.evaluate(() => void dispatchEvent(new Event("here is the proof")));
        await keepsNobody(ana);
        await keeps(bruno, BRUNO);
        expect(await steer(ana, "heard")).toEqual([`identified ${ANA.id}`, "reset"]);
        if (!frozen) expect(exchange.received.map(({ user }) => user.id)).toEqual([ANA.id, BRUNO.id]);
      },
    );
  }

  scenarioWithStandIn("a renewal in one tab changes nothing in another with the same user", async (stage) => {
    stage.site.giveProof(() => "a proof of Ana");
    const [one, other] = [await visitSteered(stage), await visitSteered(stage)];
    for (const tab of [one, other]) await identifyWithProofs(tab, ANA);
    await steer(one, "pass", UNTIL_RENEWAL);
    await steer(one, "ring");
    await eventually("the renewal", async () => (await steer(one, "heard")).length === 2);
    for (const tab of [one, other]) {
      await keeps(tab, ANA);
      expect(await steer(tab, "heard")).not.toContain("reset");
    }
  });

  scenarioWithStandIn(
    "a token is renewed also where getProof came only with a second call of the same user",
    async ({ visit, site, exchange }) => {
      site.giveProof(() => "a proof of Ana");
      const tab = await visitSteered({ visit });
      expect(await identify(tab, ANA)).toBe("delivered");
      await callWithProofs(tab, ANA);
      await untilPlanned(tab);
      await steer(tab, "pass", UNTIL_RENEWAL);
      await steer(tab, "ring");
      await eventually("the renewal", () => exchange.received.at(-1)?.proof === "a proof of Ana");
    },
  );

  scenarioWithStandIn(
    "a renewal whose proof is somebody else's by now no longer shows Ana, and says so once",
    async (stage) => {
      const { exchange, site } = stage;
      exchange.behave(({ user }, count) =>
        count === 2 ? problem("proof-other-user", 403) : identified(user.id),
      );
      let proofs = 0;
      site.giveProof(() => `proof-${++proofs}`);
      const tab = await visitSteered(stage);
      await identifyWithProofs(tab, ANA);
      await steer(tab, "pass", UNTIL_RENEWAL);
      await steer(tab, "ring");
      await untilNobody(tab);
      await untilBadgeSays(tab, "Try again");
      const heard = [`identified ${ANA.id}`, "reset", "error proof-other-user"];
      expect(await steer(tab, "heard")).toEqual(heard);
      // Nothing is tried again: the exchange would only refuse again.
      for (const wake of ["ring", "show"] as const) {
        await steer(tab, "pass", 30 * MINUTE);
        await steer(tab, wake);
      }
      expect(exchange.received.map(({ proof }) => proof)).toEqual(["proof-1", "proof-2"]);
      expect(await steer(tab, "heard")).toEqual(heard);
      expect(await identify(tab, BRUNO)).toBe("delivered");
      await keeps(tab, BRUNO);
    },
  );
}

/** Identifies Ana with a proof that is there at once, and with a second one that comes when the scenario says so. */
const callWithProofsAtAWord = (tab: Tab) =>
  tab.evaluate((who) => {
    const proofs = [Promise.resolve("the first proof")];
    const getProof = () =>
      proofs.pop() ??
      new Promise<string>((resolve) => {
        document.body.dataset.asked = "yes";
        addEventListener("here is the proof", () => resolve("the second proof"));
      });
    void window.VambeIdentify?.(who, { getProof });
  }, ANA);
