import { type BrowserContext, chromium, type Page } from "@playwright/test";
import chromiumFromNpm from "@sparticuz/chromium";
import { afterAll, expect, test } from "vitest";
import type { User } from "../../widget/types.ts";
import { bundle } from "./bundles.ts";
import { type Behaviour, identified, type StandIn, startStandIn } from "./stand-in-exchange.ts";

const script = await bundle("script");
const browser = await chromium.launch({
  executablePath: await chromiumFromNpm.executablePath(),
  args: ["--no-sandbox", "--headless=shell", "--disable-gpu"],
});
afterAll(() => browser.close());

const JANE = { id: "A", name: "Jane Doe", proof: "s3cret" };

/** Notes what the tabs tell each other, and in which channels. */
const EAVESDROP = `window.said = [];
  BroadcastChannel.prototype.postMessage = ((post) => function (message) {
    said.push([this.name, message]);
    return post.call(this, message);
  })(BroadcastChannel.prototype.postMessage);
  addEventListener("unhandledrejection", ({ reason }) => { window.unhandled = String(reason); });`;

/** A browser with tabs on `localhost`, which counts as secure and is another origin than the exchange. */
async function browse(before = "") {
  const served: Record<string, string> = { "/vambe-identity.js": script };
  const exchange = await startStandIn(served);
  served["/"] =
    `<!doctype html><html lang="en"><title>Shop</title><script async src="${exchange.url}/vambe-identity.js"></script></html>`;
  const context = await browser.newContext();
  await context.addInitScript(before);
  return {
    exchange,
    tabs: (count: number) => Promise.all(Array.from({ length: count }, () => openTab(context, exchange))),
    async [Symbol.asyncDispose]() {
      await context.close();
      await exchange[Symbol.asyncDispose]();
    },
  };
}

async function openTab(context: BrowserContext, exchange: StandIn): Promise<Page> {
  const page = await context.newPage();
  await page.goto(exchange.url.replace("127.0.0.1", "localhost"));
  await page.waitForFunction(() => !!window.VambeIdentify?.reset);
  return page;
}

const identify = (page: Page, user: User = JANE) =>
  page.evaluate((who) => window.VambeIdentify?.(who).then(({ token }) => token), user);

const slowly =
  (ms: number): Behaviour =>
  async ({ user }, count) => {
    await new Promise((resume) => setTimeout(resume, ms));
    return identified(user.id, { token: `token-${count}` });
  };

test("ten tabs that identify the same user at once cost one exchange", async () => {
  await using site = await browse(EAVESDROP);
  site.exchange.behave(slowly(300));
  const tabs = await site.tabs(10);
  const tokens = await Promise.all(tabs.map((tab) => identify(tab)));
  expect(new Set(tokens)).toEqual(new Set(["token-1"]));
  expect(site.exchange.received).toHaveLength(1);

  const [late] = await site.tabs(1);
  expect(late && (await identify(late))).toBe("token-1");
  expect(site.exchange.received).toHaveLength(1);

  for (const tab of tabs) {
    expect(await tab.evaluate("unhandled ?? null").catch(() => null)).toBeNull();
    const said = JSON.stringify(await tab.evaluate("said"));
    expect(said).not.toContain("s3cret");
    expect(said).not.toContain("Jane");
    expect(await tab.evaluate(() => JSON.stringify(localStorage))).not.toMatch(/s3cret|Jane|token/);
  }
});

test("another user, another trait and another proof are not answered by it", async () => {
  await using site = await browse();
  site.exchange.behave(slowly(100));
  const claims = [JANE, { ...JANE, plan: "premium" }, { ...JANE, proof: "another" }];
  const tabs = await site.tabs(claims.length);
  const tokens = await Promise.all(tabs.map((tab, at) => identify(tab, claims[at])));
  expect(new Set(tokens).size).toBe(claims.length);
});

test("a log-out ends it: the same user is asked for anew", async () => {
  await using site = await browse();
  site.exchange.behave(slowly(0));
  const [tab, other] = await site.tabs(2);
  if (!tab || !other) throw new Error("no tabs");
  expect(await identify(tab)).toBe("token-1");
  await tab.evaluate(() => window.VambeIdentify?.reset());
  expect(await identify(other)).toBe("token-2");
});

test("a tab that hangs while it asks does not hold up the others for long", async () => {
  await using site = await browse();
  site.exchange.behave(({ user }, count) => (count === 1 ? new Promise(() => {}) : identified(user.id)));
  const [first, ...others] = await site.tabs(3);
  if (!first) throw new Error("no tab");
  const hanging = identify(first).catch(() => {});
  await expect.poll(() => site.exchange.received.length).toBe(1);
  const started = Date.now();
  await Promise.all(others.map((tab) => identify(tab)));
  expect(Date.now() - started).toBeLessThan(5000);
  await hanging;
});

test("a tab that is closed while it asks hands its turn to the next", async () => {
  await using site = await browse();
  site.exchange.behave(({ user }, count) => (count === 1 ? new Promise(() => {}) : identified(user.id)));
  const [first, second] = await site.tabs(2);
  if (!first || !second) throw new Error("no tabs");
  identify(first).catch(() => {});
  await expect.poll(() => site.exchange.received.length).toBe(1);
  const started = Date.now();
  const call = identify(second);
  await first.close();
  expect(await call).toBe("token-of-A");
  expect(Date.now() - started).toBeLessThan(2500);
});

test("a refusal is not shared: the next tab asks for itself", async () => {
  await using site = await browse();
  site.exchange.behave(({ user }, count) =>
    count === 1 ? { status: 500, body: {} } : identified(user.id, { token: `token-${count}` }),
  );
  const tabs = await site.tabs(3);
  const tokens = await Promise.all(tabs.map((tab) => identify(tab).catch(() => "refused")));
  expect(tokens.sort()).toEqual(["refused", "token-2", "token-2"]);
});

test.each([
  ["Web Locks", "delete Navigator.prototype.locks"],
  ["BroadcastChannel", "delete window.BroadcastChannel"],
  ["digests, as on a page without TLS", "delete Crypto.prototype.subtle"],
  [
    "a lock that may be had",
    "LockManager.prototype.request = () => Promise.reject(new DOMException('no', 'SecurityError'))",
  ],
])("without %s each tab still gets its answer at once", async (_, without) => {
  await using site = await browse(`${EAVESDROP}; ${without}`);
  const tabs = await site.tabs(3);
  const started = Date.now();
  const tokens = await Promise.all(tabs.map((tab) => identify(tab)));
  expect(tokens).toEqual(Array(3).fill("token-of-A"));
  expect(Date.now() - started).toBeLessThan(2500);
  for (const tab of tabs) expect(await tab.evaluate(() => "unhandled" in window)).toBe(false);
});
