import { expect } from "vitest";
import { identified } from "../../widget/stand-in-exchange.ts";
import { identify, untilBadgeSays, untilCurrent, untilReady } from "../in-the-page.ts";
import type { Scenarios } from "../scenario.ts";

const JANE = { id: "user-jane-01", name: "Jane Doe", proof: "s3cret" };

/** Where the widget sends what it is told: to the exchange that the page's own tag names, or nowhere. */
export function settings({ scenarioWithStandIn }: Scenarios): void {
  scenarioWithStandIn(
    "a script under another name does not guess where the exchange is: nothing is sent",
    async ({ visit, site, exchange }) => {
      const tab = await visit("settings-renamed.html");
      await untilReady(tab);
      expect(await identify(tab, JANE)).toBe("network");
      expect([site.posts(), exchange.received]).toEqual([[], []]);
    },
  );

  for (const page of ["settings-renamed-said.html", "settings-tag-manager.html"]) {
    scenarioWithStandIn(`${page}: what the page says counts`, async ({ visit, site, exchange }) => {
      const tab = await visit(page);
      await untilReady(tab);
      expect(await identify(tab, JANE)).toBe("delivered");
      await untilBadgeSays(tab, "Jane Doe");
      expect([site.posts(), exchange.received.length]).toEqual([[], 1]);
    });
  }

  scenarioWithStandIn(
    "a polluted Object.prototype sends nothing to a stranger and identifies nobody",
    async ({ visit, site, exchange }) => {
      site.fill({ site: site.url });
      const tab = await visit("settings-polluted.html");
      await untilReady(tab);
      expect(await identify(tab, JANE)).toBe("delivered");
      expect(site.posts()).toEqual([]);
      expect(exchange.received.map(({ user }) => user.id)).toEqual([JANE.id]);
    },
  );

  scenarioWithStandIn(
    "an inert tag in front of the page's own decides nothing: its code is not fetched",
    async ({ visit, site, exchange }) => {
      site.fill({ site: site.url });
      const tab = await visit("settings-inert.html");
      await untilReady(tab);
      expect(await identify(tab, JANE)).toBe("network");
      expect([site.posts(), exchange.received]).toEqual([[], []]);
      expect(site.asked()).not.toContain("vambe-identity-badge.js");
    },
  );

  scenarioWithStandIn("a form of our name is in nobody's way", async ({ visit, site, exchange }) => {
    site.fill({ site: site.url });
    const tab = await visit("settings-form.html");
    await tab.waitFor("the script is there", () => typeof window.VambeIdentify === "function");
    expect(await identify(tab, JANE)).toBe("delivered");
    expect([site.posts(), exchange.received.length]).toEqual([[], 1]);
  });

  scenarioWithStandIn("a page that keeps the stub loses no call", async ({ visit }) => {
    const tab = await visit("settings-kept-stub.html");
    await untilReady(tab);
    await tab.evaluate((detail) => void document.dispatchEvent(new CustomEvent("login", { detail })), JANE);
    await untilCurrent(tab, JANE.id);
  });

  scenarioWithStandIn(
    "an exchange that sends on elsewhere is not followed",
    async ({ visit, site, exchange }) => {
      exchange.behave(() => ({ status: 307, headers: { location: `${site.url}/identify` }, body: "" }));
      const tab = await visit("plain.html");
      await untilReady(tab);
      expect(await identify(tab, JANE)).toBe("network");
      expect(site.asked()).not.toContain("identify");
      exchange.behave(({ user }) => identified(user.id));
    },
  );
}
