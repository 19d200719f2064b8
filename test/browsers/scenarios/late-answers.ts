import { expect } from "vitest";
import type { IdentifyError, User } from "../../../widget/types.ts";
import { eventually } from "../../support/eventually.ts";
import { type Answer, identified } from "../../widget/stand-in-exchange.ts";
import { heldBack, keeps, keepsNobody } from "../at-rest.ts";
import type { Tab } from "../driver/tab.ts";
import { identify, identifyAndForget, untilBadgeSays, untilCurrent, untilReady } from "../in-the-page.ts";
import type { Scenarios } from "../scenario.ts";
import { steer, untilPlanned, visitSteered } from "../steering.ts";

const ANA = { id: "user-ana-01", name: "Ana Rivera", proof: "a proof of Ana" };
const BRUNO = { id: "user-bruno-02", name: "Bruno Costa" };

const BOTH = [
  ["tab", false],
  ["frozen tab", true],
] as const;

/** No page answers? Then it was a hotel's network that did. It may pass, so it is tried again. */
const NO_ANSWER: Answer = { body: "<h1>Welcome to our hotel</h1>" };

/** Who called last counts. What comes late of calls before that takes nobody's place. */
export function lateAnswers({ scenarioWithStandIn }: Scenarios): void {
  for (const [which, frozen] of BOTH) {
    scenarioWithStandIn(
      `the answer to Ana's first call in a ${which} comes after Bruno's login elsewhere, and changes nothing`,
      async (stage) => {
        const { exchange } = stage;
        const { held, letGo } = heldBack();
        exchange.behave(async ({ user }) => {
          if (user.id === ANA.id) await held;
          return identified(user.id);
        });
        const [ana, bruno] = [await visitSteered(stage), await stage.visit("plain.html")];
        await steer(ana, "freeze", frozen);
        await callAndNote(ana, ANA);
        await eventually("Ana's call is under way", () => exchange.received.length === 1);
        await untilReady(bruno);
        expect(await identify(bruno, BRUNO)).toBe("delivered");
        letGo();
        await keepsNobody(ana);
        await keeps(bruno, BRUNO);
        expect(await ana.evaluate(() => document.body.dataset.outcome)).toBe("superseded");
        expect(await steer(ana, "heard")).toEqual(["reset"]);
      },
    );

    scenarioWithStandIn(
      `a look after a queued contact that is under way in a ${which} brings Ana back nowhere`,
      async (stage) => {
        const { exchange } = stage;
        const { held, letGo } = heldBack();
        exchange.behave(async ({ user }, count) => {
          if (count === 2) await held;
          return identified(user.id, { status: count === 1 ? "queued" : "delivered" });
        });
        const ana = await visitSteered(stage);
        expect(await identify(ana, ANA)).toBe("queued");
        await untilPlanned(ana);
        await steer(ana, "pass", 8000);
        await steer(ana, "ring");
        await eventually("the look is under way", () => exchange.received.length === 2);
        await steer(ana, "freeze", frozen);
        // Not before: in some engines this tab is hidden from then on, and would not look.
        const bruno = await stage.visit("plain.html");
        await untilReady(bruno);
        expect(await identify(bruno, BRUNO)).toBe("delivered");
        letGo();
        await keepsNobody(ana);
        await keeps(bruno, BRUNO);
        expect(await steer(ana, "heard")).toEqual([`identified ${ANA.id}`, "reset"]);
      },
    );
  }

  scenarioWithStandIn(
    "a look after a queued contact that begins after Bruno's login elsewhere asks nothing",
    async (stage) => {
      const { exchange } = stage;
      exchange.behave(({ user }) => identified(user.id, { status: "queued" }));
      const ana = await visitSteered(stage);
      expect(await identify(ana, ANA)).toBe("queued");
      await untilPlanned(ana);
      await steer(ana, "freeze", true);
      exchange.behave(({ user }) => identified(user.id));
      const bruno = await stage.visit("plain.html");
      await untilReady(bruno);
      expect(await identify(bruno, BRUNO)).toBe("delivered");
      // In some engines the tab is hidden by the other one, and looks only once somebody looks at it.
      await ana.evaluate(() => {
        Object.defineProperty(document, "hidden", { value: false });
      });
      await steer(ana, "pass", 8000);
      await steer(ana, "ring");
      await keepsNobody(ana);
      await keeps(bruno, BRUNO);
      expect(exchange.received.map(({ user }) => user.id)).toEqual([ANA.id, BRUNO.id]);
    },
  );

  scenarioWithStandIn(
    "a call that failed and waits for another try gives way to Bruno's login elsewhere",
    async (stage) => {
      const { exchange } = stage;
      exchange.behave(({ user }) => (user.id === ANA.id ? NO_ANSWER : identified(user.id)));
      const [ana, bruno] = [await visitSteered(stage), await stage.visit("plain.html")];
      expect(await identify(ana, ANA)).toBe("bad-answer");
      await untilBadgeSays(ana, "Try again");
      await untilPlanned(ana);
      await steer(ana, "freeze", true);
      await untilReady(bruno);
      expect(await identify(bruno, BRUNO)).toBe("delivered");
      exchange.behave(({ user }) => identified(user.id));
      await steer(ana, "pass", 10_000);
      await steer(ana, "ring");
      await keepsNobody(ana);
      await keeps(bruno, BRUNO);
      expect(exchange.received.map(({ user }) => user.id)).toEqual([ANA.id, BRUNO.id]);
    },
  );

  scenarioWithStandIn(
    "Bruno, who called after Ana, counts though he is answered after her",
    async (stage) => {
      const { exchange } = stage;
      const [forAna, forBruno] = [heldBack(), heldBack()];
      exchange.behave(async ({ user }) => {
        await (user.id === ANA.id ? forAna : forBruno).held;
        return identified(user.id);
      });
      const [ana, bruno] = [await visitSteered(stage), await stage.visit("plain.html")];
      await untilReady(bruno);
      await identifyAndForget(ana, ANA);
      await eventually("Ana's call is under way", () => exchange.received.length === 1);
      await identifyAndForget(bruno, BRUNO);
      await eventually("Bruno's call is under way", () => exchange.received.length === 2);
      forAna.letGo();
      await untilCurrent(ana, ANA.id);
      forBruno.letGo();
      await keepsNobody(ana);
      await keeps(bruno, BRUNO);
    },
  );
}

/** Calls, and leaves a note of what came of it. */
const callAndNote = (tab: Tab, user: User) =>
  tab.evaluate((who) => {
    const note = (outcome: string) => {
      document.body.dataset.outcome = outcome;
    };
    void window.VambeIdentify?.(who).then(
      ({ status }) => note(status),
      ({ code }: IdentifyError) => note(code),
    );
  }, user);
