import { expect } from "vitest";
import type { Tab } from "../driver/tab.ts";
import { untilBadgeSays } from "../in-the-page.ts";
import type { Scenarios } from "../scenario.ts";

const JANE = { id: "user-jane-01", name: "Jane Doe", plan: "premium" };

export function hostileCss({ scenario }: Scenarios): void {
  scenario("a hostile style sheet neither hides nor moves nor restyles the badge", async (stage) => {
    stage.site.fill({ visitor: JSON.stringify(stage.exchange.proven(JANE)) });
    const [calm, hostile] = [await stage.visit("calm-css.html"), await stage.visit("hostile-css.html")];
    const looks = await looksOf(calm);
    expect(looks.length).toBeGreaterThan(4);
    expect(await looksOf(hostile)).toEqual(looks);
    for (const tab of [calm, hostile]) expect(await standsOnTop(tab)).toBe(true);
  });
}

/** Every element of the badge: its name, where it stands, and every computed property. */
async function looksOf(tab: Tab) {
  await untilBadgeSays(tab, "Identity verified");
  // Half-way through its entrance, no two badges look the same.
  await tab.evaluate(() => {
    const elements = document.querySelector("vambe-identity")?.shadowRoot?.querySelectorAll("*") ?? [];
    for (const animation of [...elements].flatMap((one) => one.getAnimations())) animation.finish();
  });
  return tab.evaluate(() => {
    const elements = document.querySelector("vambe-identity")?.shadowRoot?.querySelectorAll("*") ?? [];
    return [...elements].map((one) => {
      const { x, y, width, height } = one.getBoundingClientRect();
      const style = getComputedStyle(one);
      const properties = [...style].map((name) => `${name}: ${style.getPropertyValue(name)}`);
      return { element: one.localName, at: [x, y, width, height].map(Math.round), properties };
    });
  });
}

/** Whether a click in the middle of the badge meets the badge. */
const standsOnTop = (tab: Tab) =>
  tab.evaluate(() => {
    const host = document.querySelector("vambe-identity");
    const box = host?.shadowRoot?.firstElementChild?.getBoundingClientRect();
    return !!box && document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2) === host;
  });
