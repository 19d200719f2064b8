import { expect } from "vitest";
import type { Tab } from "../driver/tab.ts";
import {
  current,
  identify,
  logOut,
  untilBadgeIsEmpty,
  untilBadgeSays,
  untilCurrent,
  untilNobody,
  untilReady,
} from "../in-the-page.ts";
import type { Scenarios } from "../scenario.ts";

const ANA = { id: "user-ana-01", name: "Ana Rivera", plan: "free" };
const BRUNO = { id: "user-bruno-02", name: "Bruno Costa", plan: "pro" };

export function manyTabs({ scenario }: Scenarios): void {
  scenario("ten tabs at once cost one upsert, and all know the user", async (stage) => {
    const { exchange } = stage;
    const tabs = await Promise.all(Array.from({ length: 10 }, () => stage.visit("at-a-word.html")));
    await Promise.all(tabs.map(untilReady));
    await tabs[0]?.evaluate(
      (user) => new BroadcastChannel("everybody now").postMessage(user),
      exchange.proven(ANA),
    );
    for (const tab of tabs) await untilBadgeSays(tab, "Ana Rivera");
    for (const tab of tabs) await untilCurrent(tab, ANA.id);
    expect(exchange.identifies()).toBe(tabs.length);
    expect(exchange.vambe.standIn.upserts()).toHaveLength(1);
  });

  scenario(
    "a log-out in one tab is a log-out in all, and leaves nothing of the user behind",
    async (stage) => {
      stage.site.fill({ visitor: JSON.stringify(stage.exchange.proven(ANA)) });
      const tabs = [await stage.visit("signed-in.html"), await stage.visit("signed-in.html")] as const;
      for (const tab of tabs) await untilCurrent(tab, ANA.id);
      for (const tab of tabs) await untilBadgeSays(tab, "Ana Rivera");
      await logOut(tabs[0]);
      for (const tab of tabs) {
        await untilNobody(tab);
        await untilBadgeIsEmpty(tab);
        expect(await tab.evaluate(() => JSON.stringify(localStorage))).not.toMatch(/ana|rivera/i);
      }
    },
  );

  scenario("a new user in one tab ends the one before in all", async (stage) => {
    const { exchange } = stage;
    stage.site.fill({ visitor: JSON.stringify(exchange.proven(ANA)) });
    const [one, other] = [await stage.visit("signed-in.html"), await stage.visit("signed-in.html")];
    for (const tab of [one, other]) await untilCurrent(tab, ANA.id);
    await tabHears(other);
    expect(await identify(one, exchange.proven(BRUNO))).toBe("delivered");
    await untilNobody(other);
    await untilBadgeIsEmpty(other);
    expect(await other.evaluate(() => document.body.dataset.heard)).toBe("reset");

    stage.site.fill({ visitor: JSON.stringify(exchange.proven(BRUNO)) });
    await other.reload();
    await untilReady(other);
    await untilCurrent(other, BRUNO.id);
    expect(await current(one)).toBe(BRUNO.id);
  });
}

/** The page is told of it, so that it can sign the visitor out or load itself anew. */
const tabHears = (tab: Tab) =>
  tab.evaluate(() => {
    addEventListener("vambe:reset", () => {
      document.body.dataset.heard = "reset";
    });
  });
