import { expect } from "vitest";
import { eventually } from "../support/eventually.ts";
import type { Tab } from "./driver/tab.ts";

/** Where a user can still be found: on the badge, by the site, in its storage or by the webchat. */
const placesOf = (tab: Tab, user: { id: string; name: string }): Promise<string[]> =>
  tab.evaluate(({ id, name }) => {
    const places = {
      current: window.VambeIdentify?.current,
      badge: document.querySelector("vambe-identity")?.shadowRoot?.textContent,
      storage: { ...localStorage, ...sessionStorage },
      webchat: Reflect.get(window, "embeddedWebchatConfig"),
    };
    return Object.entries(places).flatMap(([place, found]) => {
      const text = JSON.stringify(found) ?? "";
      return text.includes(id) || text.includes(name) ? place : [];
    });
  }, user);

export const untilGone = (tab: Tab, user: { id: string; name: string }): Promise<boolean> =>
  eventually(
    `nothing is left of ${user.name}`,
    async () => {
      expect(await placesOf(tab, user)).toEqual([]);
      return true;
    },
    { withinMs: 10_000 },
  );

/** All that the site has stored for this page's origin. */
export const stored = (tab: Tab): Promise<Record<string, string>> =>
  tab.evaluate(() => ({ ...localStorage, ...sessionStorage }));
