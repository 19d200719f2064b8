import type { Page } from "@playwright/test";
import { bundle } from "../widget/bundles.ts";
import { startStandIn } from "../widget/stand-in-exchange.ts";
import { test as withBadge } from "./badge-in-chromium.ts";

const JANE = { id: "A", name: "Jane Doe", email: "jane@example.com", proof: "secret-proof" };

/** A page with the script tag in it, in front of an exchange: the badge as a site has it. */
export const test = withBadge.extend<
  { shop: { open(tag: string): ReturnType<typeof openShop> } },
  { script: string }
>({
  script: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures that it needs from here
    async ({}, use) => use(await bundle("script")),
    { scope: "worker" },
  ],
  shop: async ({ page, script, code }, use) =>
    use({
      open: (tag) => openShop(page, { "/vambe-identity.js": script, "/vambe-identity-badge.js": code }, tag),
    }),
});

export { expect } from "@playwright/test";

async function openShop(page: Page, files: Record<string, string>, tag: string) {
  const served = { ...files };
  const exchange = await startStandIn(served);
  served["/"] =
    `<!doctype html><html lang="en"><title>Shop</title><body><p>Hello</p><script async src="${exchange.url}/vambe-identity.js" ${tag}></script></body></html>`;
  const console: string[] = [];
  page.on("console", (message) => console.push(message.text()));
  await page.goto(exchange.url.replace("127.0.0.1", "localhost"));
  await page.waitForFunction(() => !!window.VambeIdentify?.reset);
  return {
    exchange,
    /** All that the console has said. */
    console,
    warnings: () => console.filter((text) => text.startsWith("vambe-identity")),
    badge: page.locator("vambe-identity section"),
    identify: () => page.evaluate((who) => window.VambeIdentify?.(who).then(String, String), JANE),
    current: () => page.evaluate(() => window.VambeIdentify?.current ?? null),
    [Symbol.asyncDispose]: () => exchange[Symbol.asyncDispose](),
  };
}
