import { readFileSync } from "node:fs";
import { expect } from "vitest";
import { type StandIn, startStandIn } from "../widget/stand-in-exchange.ts";
import type { Browser } from "./driver/browser.ts";
import type { Tab } from "./driver/tab.ts";
import { atNewAddress } from "./new-address.ts";
import { type RunningExchange, startExchange } from "./running-exchange.ts";
import { type Site, startSite } from "./site.ts";
import { askWitness } from "./witness.ts";

const WIDGET = new URL("../../dist/widget/", import.meta.url);

/** Where a scenario plays: a site with its pages, an exchange, and the tabs of a browser. */
export interface Stage<Exchange extends { url: string }> extends AsyncDisposable {
  browser: Browser;
  site: Site;
  exchange: Exchange;
  /** Opens a page of the site in a new tab. */
  visit(page: string): Promise<Tab>;
  /** The address of a page of the site. */
  address(page: string): string;
  /** That no page that is open has anything to complain of. */
  checkThatNoPageWasHarmed(): Promise<void>;
}

/** With the real exchange, and the stand-in for Vambe behind it. */
export async function withExchange(browser: Browser): Promise<Stage<RunningExchange>> {
  const site = await startSite();
  return setUp(browser, site, await startExchange(site.url));
}

/** An exchange that answers as the scenario tells it to, since the real one does not misbehave. */
export interface Misbehaving extends StandIn {
  /** What it serves, by path. */
  files: Record<string, string>;
}

export async function withStandIn(browser: Browser): Promise<Stage<Misbehaving>> {
  const file = (name: string) => readFileSync(new URL(name, WIDGET), "utf8");
  const files = {
    "/vambe-identity.js": file("vambe-identity.js"),
    "/vambe-identity-badge.js": file("vambe-identity-badge.js"),
    "/vambe-identity-chat.js": file("vambe-identity-chat.js"),
    "/vambe-identity-gate.js": file("vambe-identity-gate.js"),
    "/vambe-identity-tend.js": file("vambe-identity-tend.js"),
    "/webchat.json": JSON.stringify({ channel_id: "channel-of-the-exchange" }),
  };
  return setUp(browser, await startSite(), { ...(await atNewAddress(() => startStandIn(files))), files });
}

function setUp<Exchange extends { url: string } & AsyncDisposable>(
  browser: Browser,
  site: Site,
  exchange: Exchange,
): Stage<Exchange> {
  site.fill({ server: exchange.url });
  const tabs: Tab[] = [];
  const address = (page: string) => `${site.url}/${page}`;
  return {
    browser,
    site,
    exchange,
    address,
    visit: async (page) => {
      const tab = await browser.open(address(page));
      tabs.push(tab);
      return tab;
    },
    checkThatNoPageWasHarmed: async () => {
      for (const tab of tabs) await checkUnharmed(tab);
      expect(site.sawCookies(), "the site was sent cookies").toBe(false);
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(tabs.map((tab) => tab.close()));
      await Promise.all([site, exchange].map((each) => each[Symbol.asyncDispose]()));
    },
  };
}

/** What the page's own witness noted; a page that is left takes its notes along, so look before. */
export async function checkUnharmed(tab: Tab): Promise<void> {
  // A page that was loaded anew a moment ago may not have come to its script yet.
  await tab.waitFor("the page's script is there", () => "VambeIdentify" in window);
  const { globals, ...complaints } = await askWitness(tab, "noted");
  expect(complaints).toEqual({ errors: [], rejections: [], violations: [], console: [], cookie: "" });
  // The second is Vambe's own name, and there only where the webchat is.
  expect(globals.filter((name) => name !== "embeddedWebchatConfig")).toEqual(["VambeIdentify"]);
}
