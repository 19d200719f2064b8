import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import type { Tab } from "./driver/tab.ts";
import { badgeText, current, untilBadgeSays, untilCurrent } from "./in-the-page.ts";

interface Person {
  id: string;
  name: string;
}

/** Long enough for what would still come. */
const A_MOMENT = 500;

/** That the tab has this user, and still has after a moment. */
export async function keeps(tab: Tab, { id, name }: Person): Promise<void> {
  await untilCurrent(tab, id);
  await untilBadgeSays(tab, name);
  await sleep(A_MOMENT);
  expect([await current(tab), await badgeText(tab)]).toEqual([id, expect.stringContaining(name)]);
}

/** That the tab has nobody, and that nobody comes. */
export async function keepsNobody(tab: Tab): Promise<void> {
  await tab.waitFor(
    "nobody is there, nor shown",
    () =>
      window.VambeIdentify?.current === null &&
      !document.querySelector("vambe-identity")?.shadowRoot?.textContent,
  );
  await sleep(A_MOMENT);
  expect([await current(tab), await badgeText(tab)]).toEqual([null, ""]);
}

/** Waits until the numbers have not changed for two seconds. */
export async function untilAtRest(count: () => number[], withinMs = 15_000): Promise<number[]> {
  const deadline = Date.now() + withinMs;
  let before = count();
  let since = Date.now();
  while (Date.now() - since < 2000) {
    if (Date.now() > deadline) throw new Error(`it does not come to rest: ${before}`);
    await sleep(50);
    const now = count();
    if (`${now}` !== `${before}`) since = Date.now();
    before = now;
  }
  return before;
}

/** What the exchange keeps back until it is let go. */
export function heldBack(): { held: Promise<void>; letGo(): void } {
  const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
  return { held, letGo };
}
