import { expect } from "vitest";
import type { IdentifyError, User } from "../../../widget/types.ts";
import { eventually } from "../../support/eventually.ts";
import { identified } from "../../widget/stand-in-exchange.ts";
import type { Tab } from "../driver/tab.ts";
import { identify, identifyAndForget, logOut, untilReady } from "../in-the-page.ts";
import type { Scenarios } from "../scenario.ts";
import type { Misbehaving, Stage } from "../stage.ts";

const JANE = { id: "user-jane-01", name: "Jane Doe", proof: "s3cret" };

/** Calls `VambeIdentify` and says which token came back, or the error's code. */
const tokenOf = (tab: Tab, user: User = JANE) =>
  tab.evaluate(
    (who) =>
      window.VambeIdentify?.(who).then(
        ({ token }) => token,
        ({ code }: IdentifyError) => code,
      ),
    user,
  );

export function oneExchangeForAllTabs({ scenarioWithStandIn }: Scenarios): void {
  const withTabs = (
    promise: string,
    page: string,
    count: number,
    play: (tabs: Tab[], stage: Stage<Misbehaving>) => Promise<void>,
  ) =>
    scenarioWithStandIn(promise, async (stage) => {
      stage.exchange.behave(({ user }, nth) => identified(user.id, { token: `token-${nth}` }));
      const tabs = await Promise.all(Array.from({ length: count }, () => stage.visit(page)));
      await Promise.all(tabs.map(untilReady));
      await play(tabs, stage);
    });

  withTabs(
    "tabs tell each other neither proof nor name, nor leave them behind",
    "eavesdropped.html",
    3,
    async (tabs) => {
      const tokens = await Promise.all(tabs.map((tab) => tokenOf(tab)));
      expect(new Set(tokens)).toEqual(new Set(["token-1"]));
      const said = await Promise.all(tabs.map((tab) => tab.evaluate(() => document.body.dataset.said ?? "")));
      expect(said.join()).toContain("token-1");
      expect(said.join()).not.toMatch(/s3cret|Jane/);
      const stored = await tabs[0]?.evaluate(() => JSON.stringify(localStorage));
      expect(stored).toContain(JANE.id);
      expect(stored).not.toMatch(/s3cret|Jane|token/);
    },
  );

  withTabs("another trait and another proof are asked for on their own", "plain.html", 3, async (tabs) => {
    const claims = [JANE, { ...JANE, plan: "premium" }, { ...JANE, proof: "another" }];
    const tokens = await Promise.all(tabs.map((tab, at) => tokenOf(tab, claims[at])));
    expect(new Set(tokens).size).toBe(claims.length);
  });

  withTabs("after a log-out the same user is asked for anew", "plain.html", 2, async ([tab, other]) => {
    if (!tab || !other) throw new Error("no tabs");
    expect(await tokenOf(tab)).toBe("token-1");
    await logOut(tab);
    // Storage reaches another tab a moment later, and a log-out that is heard of late still counts.
    await other.waitFor("the log-out has got here", () => !localStorage.getItem("vambe-identity"));
    expect(await tokenOf(other)).toBe("token-2");
  });

  withTabs(
    "a tab that hangs while it asks holds up none of the others",
    "plain.html",
    3,
    async (tabs, stage) => {
      const [first, ...others] = tabs;
      if (!first) throw new Error("no tab");
      const answer = identified(JANE.id);
      stage.exchange.behave((_, count) => (count === 1 ? new Promise(() => {}) : answer));
      let hangs = true;
      const hanging = identify(first, JANE).then((outcome) => {
        hangs = false;
        return outcome;
      });
      await eventually("the first has asked", () => stage.exchange.received.length === 1);
      for (const outcome of await Promise.all(others.map((tab) => identify(tab, JANE)))) {
        expect(outcome).toBe("delivered");
      }
      expect(hangs).toBe(true);
      expect(await hanging).toBe("timeout");
    },
  );

  withTabs(
    "a tab that goes away while it asks hands its turn to the next",
    "plain.html",
    2,
    async (tabs, stage) => {
      const [first, second] = tabs;
      if (!first || !second) throw new Error("no tabs");
      const answer = identified(JANE.id);
      stage.exchange.behave((_, count) => (count === 1 ? new Promise(() => {}) : answer));
      await identifyAndForget(first, JANE);
      await eventually("the first has asked", () => stage.exchange.received.length === 1);
      const call = identify(second, JANE);
      await first.goTo(stage.address("plain.html"));
      expect(await call).toBe("delivered");
    },
  );

  withTabs("a refusal is not shared: the next tab asks for itself", "plain.html", 3, async (tabs, stage) => {
    stage.exchange.behave(({ user }, count) =>
      count === 1 ? { status: 500, body: {} } : identified(user.id, { token: `token-${count}` }),
    );
    const tokens = await Promise.all(tabs.map((tab) => tokenOf(tab)));
    expect(tokens.sort()).toEqual(["bad-answer", "token-2", "token-2"]);
  });

  for (const [what, page] of [
    ["Web Locks", "without-locks.html"],
    ["BroadcastChannel", "without-channels.html"],
    ["a lock that may be had", "with-refused-locks.html"],
  ] as const) {
    withTabs(`without ${what} each tab asks for itself`, page, 2, async (tabs, { exchange }) => {
      // A tab that has heard of another's answer takes it: so neither is answered before both have asked.
      exchange.behave(async ({ user }) => {
        await eventually("both have asked", () => exchange.received.length === 2);
        return identified(user.id);
      });
      const outcomes = await Promise.all(tabs.map((tab) => identify(tab, JANE)));
      expect(outcomes).toEqual(["delivered", "delivered"]);
      expect(exchange.received).toHaveLength(2);
    });
  }
}
