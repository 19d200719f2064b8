import { type BrowserContext, chromium, type Page } from "@playwright/test";
import chromiumFromNpm from "@sparticuz/chromium";
import { afterAll, expect, test } from "vitest";
import { bundle } from "./bundles.ts";
import { identified, type StandIn, startStandIn } from "./stand-in-exchange.ts";

const files = {
  "/vambe-identity.js": await bundle("script"),
  "/vambe-identity-badge.js": await bundle("badge"),
};
const browser = await chromium.launch({
  executablePath: await chromiumFromNpm.executablePath(),
  args: ["--no-sandbox", "--headless=shell", "--disable-gpu"],
});
afterAll(() => browser.close());

const JANE = { id: "A", name: "Jane Doe", plan: "premium" };

interface Setting {
  tag?: string;
  head?: string;
  policy?: string;
}

/** A page on `localhost`, which is another origin than the exchange's 127.0.0.1, and all that it complains of. */
async function open({ tag = `data-badge="bottom-left"`, head = "", policy = "" }: Setting = {}) {
  const html = `<!doctype html><html lang="en"><title>Shop</title>${head}<body><p>Hello</p></body></html>`;
  const served: Record<string, string> = { ...files };
  const exchange = await startStandIn(served, policy);
  served["/"] = html.replace(
    "</body>",
    `<script nonce="n" async src="${exchange.url}/vambe-identity.js" ${tag}></script></body>`,
  );
  const context = await browser.newContext({ viewport: { width: 800, height: 600 } });
  const complaints: string[] = [];
  const page = await visit(context, exchange, complaints);
  return {
    exchange,
    page,
    complaints,
    badge: page.locator("vambe-identity section"),
    anotherTab: () => visit(context, exchange, complaints),
    async [Symbol.asyncDispose]() {
      await context.close();
      await exchange[Symbol.asyncDispose]();
    },
  };
}

async function visit(context: BrowserContext, exchange: StandIn, complaints: string[]): Promise<Page> {
  const page = await context.newPage();
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  await page.goto(exchange.url.replace("127.0.0.1", "localhost"));
  await page.waitForFunction(() => !!window.VambeIdentify?.reset);
  return page;
}

const identify = (page: Page, user: typeof JANE) =>
  page.evaluate((who) => window.VambeIdentify?.(who).then(({ status }) => status), user);

test("the badge's code is asked for when the identify has left, and not before anyone signs in", async () => {
  await using site = await open();
  expect(site.exchange.requests).toEqual(["GET /", "GET /vambe-identity.js"]);
  const left: string[] = [];
  site.page.on("request", (request) => left.push(new URL(request.url()).pathname));
  expect(await identify(site.page, JANE)).toBe("delivered");
  await site.badge.getByText("Jane Doe").waitFor();
  expect(left).toEqual(["/identify", "/vambe-identity-badge.js"]);
});

test("without data-badge there is no badge, and its code is never asked for", async () => {
  await using site = await open({ tag: "" });
  await identify(site.page, JANE);
  await site.page.waitForLoadState("networkidle");
  expect(site.exchange.requests.join()).not.toContain("badge");
  expect(await site.page.locator("vambe-identity").count()).toBe(0);
});

test("a badge that cannot be loaded does not disturb the identify", async () => {
  await using site = await open();
  await site.page.route("**/vambe-identity-badge.js", (route) => route.abort());
  expect(await identify(site.page, JANE)).toBe("delivered");
});

test("the strictest content policy is not violated once", async () => {
  const user = JSON.stringify(JANE).replaceAll('"', "&quot;");
  await using site = await open({
    tag: `data-badge="bottom-left" data-user="${user}"`,
    policy:
      "default-src 'none'; script-src 'nonce-n' 'strict-dynamic'; style-src 'none'; connect-src http://127.0.0.1:*; require-trusted-types-for 'script'; trusted-types 'none'",
  });
  await site.badge.getByText("Identity verified").waitFor();
  expect(await site.badge.evaluate((it) => getComputedStyle(it).position)).toBe("fixed");
  expect(site.complaints).toEqual([]);
});

test("a hostile page neither hides nor moves nor restyles the badge", async () => {
  await using calm = await open();
  await using hostile = await open({
    head: `<style>
      * { all: unset !important; display: none !important }
      html { display: block !important; font-size: 40px !important; letter-spacing: 9px; text-transform: uppercase }
      html * { opacity: 0 !important; transform: scale(3) !important; position: absolute !important }
    </style>`,
  });
  const looks = [];
  for (const { page, badge } of [calm, hostile]) {
    await identify(page, JANE);
    await badge.getByText("Identity verified").waitFor();
    await badge.evaluate((it) => Promise.all(it.getAnimations({ subtree: true }).map((one) => one.finished)));
    looks.push(await badge.screenshot());
  }
  expect(looks[0]?.equals(looks[1] ?? Buffer.alloc(0))).toBe(true);
});

test("the badge never takes the focus", async () => {
  await using site = await open();
  await identify(site.page, JANE);
  await site.badge.getByText("Identity verified").waitFor();
  expect(await site.page.evaluate(() => document.activeElement?.tagName)).toBe("BODY");
});

test("a failed identify offers a retry, and the retry can succeed", async () => {
  await using site = await open();
  site.exchange.behave(() => ({ status: 500, body: {} }));
  await site.page.evaluate((who) => window.VambeIdentify?.(who).catch(() => {}), JANE);
  const retry = site.badge.getByRole("button", { name: "Try again" });
  await retry.waitFor();
  site.exchange.behave(({ user }) => identified(user.id));
  await retry.click();
  await site.badge.getByText("Identity verified").waitFor();
});

test("on the next page load the same person is known at once", async () => {
  await using site = await open();
  await identify(site.page, JANE);
  site.exchange.behave(() => new Promise(() => {}));
  const next = await site.anotherTab();
  await next.evaluate((who) => void window.VambeIdentify?.(who), JANE);
  await next.locator("vambe-identity").getByText("Identity verified").waitFor();
});

test("a log-out in one tab is a log-out in all", async () => {
  await using site = await open();
  const other = await site.anotherTab();
  await identify(site.page, JANE);
  await identify(other, JANE);
  await other.locator("vambe-identity").getByText("Jane Doe").waitFor();
  await site.page.evaluate(() => window.VambeIdentify?.reset());
  await other.waitForFunction(() => window.VambeIdentify?.current === null);
  await other.locator("vambe-identity").getByText("Jane Doe").waitFor({ state: "detached" });
  expect(await other.evaluate(() => localStorage.length)).toBe(0);
});

test("an identify that failed offline succeeds by itself once the browser is online", async () => {
  await using site = await open();
  const { page } = site;
  await page.route("**/identify", (route) => route.abort());
  const outcome = await page.evaluate(
    (who) => window.VambeIdentify?.(who).catch(({ code }: { code: string }) => code),
    JANE,
  );
  expect(outcome).toBe("network");
  await site.badge.getByText("We couldn’t identify you").waitFor();
  await page.context().setOffline(true);
  await page.unroute("**/identify");
  await page.context().setOffline(false);
  await site.badge.getByText("Identity verified").waitFor();
});

test("a queued contact turns to known on the badge once it has arrived", async () => {
  await using site = await open();
  site.exchange.behave(({ user }, count) =>
    identified(user.id, { status: count === 1 ? "queued" : "unchanged" }),
  );
  expect(await identify(site.page, JANE)).toBe("queued");
  await site.badge.getByText("Saved, will be synced").waitFor();
  await site.badge.getByText("Identity verified").waitFor();
  expect(site.exchange.received).toHaveLength(2);
});

test("a badge for an element that is not there, or for no selector at all, is named on the console", async () => {
  for (const selector of ["#nowhere", "<<"]) {
    await using site = await open({ tag: `data-badge="${selector}"` });
    await identify(site.page, JANE);
    await expect.poll(() => site.complaints.join()).toContain(selector);
    expect(site.complaints).toHaveLength(1);
  }
});
