import { expect } from "vitest";
import type { Tab } from "../driver/tab.ts";
import {
  current,
  logOut,
  untilBadgeIsEmpty,
  untilBadgeSays,
  untilCurrent,
  untilNobody,
} from "../in-the-page.ts";
import type { Scenarios } from "../scenario.ts";
import { checkUnharmed } from "../stage.ts";

const ANA = { id: "user-ana-01", name: "Ana Rivera" };

export function backAndForward({ scenario }: Scenarios): void {
  scenario("back from another page, the visitor is still known", async (stage) => {
    stage.site.fill({ visitor: JSON.stringify(stage.exchange.proven(ANA)) });
    const tab = await stage.visit("signed-in.html");
    await untilCurrent(tab, ANA.id);
    await untilBadgeSays(tab, "Ana Rivera");
    await checkUnharmed(tab);
    await noteReturn(tab);
    await tab.goTo(stage.address("elsewhere.html"));
    await tab.back();
    await untilCurrent(tab, ANA.id);
    await untilBadgeSays(tab, "Ana Rivera");
    await expect.poll(() => cameFromCache(tab)).toBe(keepsPages(stage.browser.engine));
  });

  scenario("back after a log-out in another tab, nobody is known", async (stage) => {
    stage.site.fill({ visitor: JSON.stringify(stage.exchange.proven(ANA)) });
    const tab = await stage.visit("signed-in.html");
    const other = await stage.visit("signed-in.html");
    for (const each of [tab, other]) await untilCurrent(each, ANA.id);
    for (const each of [tab, other]) await untilBadgeSays(each, "Ana Rivera");
    await noteReturn(tab);
    await tab.goTo(stage.address("elsewhere.html"));
    await logOut(other);
    // Where the page is loaded anew, it is the site that says who is there now.
    stage.site.fill({ visitor: "null" });
    await tab.back();
    await untilNobody(tab);
    await untilBadgeIsEmpty(tab);
    await expect.poll(() => cameFromCache(tab)).toBe(keepsPages(stage.browser.engine));
    expect(await current(other)).toBeNull();
  });
}

/** Chromium's build without a window has no back/forward cache. */
const keepsPages = (engine: string) => engine !== "Chromium";

/** A page that is left before all of it is there is kept by no engine. */
async function noteReturn(tab: Tab): Promise<void> {
  await expect.poll(() => tab.evaluate(() => document.readyState)).toBe("complete");
  await tab.evaluate(() => {
    addEventListener("pageshow", ({ persisted }) => {
      document.body.dataset.persisted = String(persisted);
    });
  });
}

const cameFromCache = (tab: Tab) => tab.evaluate(() => document.body.dataset.persisted === "true");
