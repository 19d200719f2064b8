import { expect } from "vitest";
import type { Tab } from "../driver/tab.ts";
import { current, logOut, untilBadgeSays, untilCurrent, untilNobody } from "../in-the-page.ts";
import type { Scenarios } from "../scenario.ts";
import { untilGone } from "../what-is-left.ts";

const ANA = { id: "user-ana-01", name: "Ana Rivera" };
const BRUNO = { id: "user-bruno-02", name: "Bruno Costa" };

/** Each content that a page takes in brings a tag of its own: what the newest tag says counts. */
export function declared({ scenarioWithStandIn }: Scenarios): void {
  scenarioWithStandIn("a tag that comes later with another user says who is there now", async (stage) => {
    stage.site.fill({ visitor: JSON.stringify(ANA) });
    const tab = await stage.visit("declared.html");
    await signedIn(tab);
    await addTag(tab, JSON.stringify(BRUNO));
    await untilCurrent(tab, BRUNO.id);
    await untilBadgeSays(tab, BRUNO.name);
    await untilGone(tab, ANA);
    expect(await tab.evaluate(() => document.querySelectorAll("vambe-identity").length)).toBe(1);
  });

  scenarioWithStandIn("a tag that comes later with the user null is a log-out", async (stage) => {
    stage.site.fill({ visitor: JSON.stringify(ANA) });
    const tab = await stage.visit("declared.html");
    await signedIn(tab);
    await addTag(tab, "null");
    await untilNobody(tab);
    await untilGone(tab, ANA);
  });

  scenarioWithStandIn(
    "a tag with the user null, on a page load, is a log-out in the other tabs",
    async (stage) => {
      stage.site.fill({ visitor: JSON.stringify(ANA) });
      const tab = await stage.visit("declared.html");
      await signedIn(tab);
      stage.site.fill({ visitor: "null" });
      await stage.visit("declared.html");
      await untilGone(tab, ANA);
    },
  );

  scenarioWithStandIn("tags that say the same user again are one identify", async (stage) => {
    stage.site.fill({ visitor: JSON.stringify(ANA) });
    const tab = await stage.visit("declared.html");
    await signedIn(tab);
    for (let times = 0; times < 3; times++) await addTag(tab, JSON.stringify(ANA));
    expect(await current(tab)).toBe(ANA.id);
    expect(stage.exchange.received).toHaveLength(1);
  });

  scenarioWithStandIn(
    "a tag put back after a log-out, with the proof of before, signs nobody in",
    async (stage) => {
      const proven = JSON.stringify({ ...ANA, proof: "proof-1" });
      stage.site.fill({ visitor: proven });
      const tab = await stage.visit("declared.html");
      await signedIn(tab);
      await logOut(tab);
      await addTag(tab, proven);
      await addTag(tab, proven);
      expect(await current(tab)).toBeNull();
      await untilGone(tab, ANA);
      expect(stage.exchange.received).toHaveLength(1);
      await addTag(tab, JSON.stringify({ ...ANA, proof: "proof-2" }));
      await signedIn(tab);
    },
  );

  scenarioWithStandIn("a later tag without a user says nothing", async (stage) => {
    stage.site.fill({ visitor: JSON.stringify(ANA) });
    const tab = await stage.visit("declared.html");
    await signedIn(tab);
    await addTag(tab);
    expect(await current(tab)).toBe(ANA.id);
    expect(stage.exchange.received).toHaveLength(1);
  });
}

async function signedIn(tab: Tab) {
  await untilCurrent(tab, ANA.id);
  await untilBadgeSays(tab, ANA.name);
}

/** Adds the tag that the page has had from the start, with what it now says of the user, and waits until it has run. */
const addTag = (tab: Tab, user = ""): Promise<void> =>
  tab.evaluate((who) => {
    const tag = document.createElement("script");
    tag.src = document.querySelector<HTMLScriptElement>('script[src*="vambe-identity"]')?.src ?? "";
    if (who) tag.dataset.user = who;
    document.body.append(tag);
    return new Promise<void>((resolve) => {
      tag.onload = () => resolve();
    });
  }, user);
