import { chromium, type Page } from "@playwright/test";
import chromiumFromNpm from "@sparticuz/chromium";
import { afterAll, expect } from "vitest";
import { bundle } from "../widget/bundles.ts";
import { startStandIn } from "../widget/stand-in-exchange.ts";
import { moduleFiles } from "./module-files.ts";

type Widget = typeof import("../../widget/module/widget.ts");

declare global {
  interface Window {
    widget: Widget;
    /** Another copy of the module, as a page made of several bundles has it. */
    copy: Widget;
    /** What `subscribe` said. */
    said: string[];
    /** Names of the globals that the imports have added. */
    leftBehind: string[];
  }
}

const files = {
  ...(await moduleFiles(["/one", "/two"])),
  "/vambe-identity.js": await bundle("script"),
  "/webchat.js": "document.documentElement.dataset.webchat = JSON.stringify(window.embeddedWebchatConfig)",
};
const browser = await chromium.launch({
  executablePath: await chromiumFromNpm.executablePath(),
  args: ["--no-sandbox", "--headless=shell", "--disable-gpu"],
});
afterAll(() => browser.close());

/** Here and not in `evaluate`, whose imports would be vitest's. */
const IMPORTS = `<script type="module">
  const before = Object.keys(window);
  const widget = await import("/one/module/widget.js");
  const copy = await import("/two/module/widget.js");
  const leftBehind = Object.keys(window).filter((name) => !before.includes(name));
  const said = [];
  widget.subscribe(({ status, identity, error }) => {
    said.push([status, identity?.id ?? error?.code].filter(Boolean).join(" "));
  });
  Object.assign(window, { widget, copy, leftBehind, said });
</script>`;

/** A page of the exchange's own origin that has imported the module, with what `head` put into it before. */
export async function openModulePage(head = "") {
  const html = `<!doctype html><html lang="en"><title>Shop</title>${head}<body><p id="account"></p>${IMPORTS}</body></html>`;
  const exchange = await startStandIn({ ...files, "/": html });
  const context = await browser.newContext();
  const complaints: string[] = [];
  const visit = async () => {
    const page = await context.newPage();
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (fault) => complaints.push(fault.message));
    await page.goto(exchange.url);
    await page.waitForFunction(() => window.said);
    expect(await page.evaluate(() => window.leftBehind)).toEqual([]);
    return page;
  };
  return {
    exchange,
    page: await visit(),
    complaints,
    anotherTab: visit,
    async [Symbol.asyncDispose]() {
      await context.close();
      await exchange[Symbol.asyncDispose]();
    },
  };
}

export const said = (page: Page) => page.evaluate(() => window.said);
/** Waits until the last that `subscribe` said is `words`. */
export const untilSaid = (page: Page, words: string) =>
  page.waitForFunction((last) => window.said.at(-1) === last, words);
