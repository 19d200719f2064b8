import chromiumFromNpm from "@sparticuz/chromium";
import { launch, type Page, type Browser as PuppeteerBrowser } from "puppeteer-core";
import { eventually } from "../../support/eventually.ts";
import type { Browser, Engine, EngineName } from "./browser.ts";
import { findProgram } from "./find-program.ts";
import { createTab, type EngineTab } from "./tab.ts";

const defaultViewport = { width: 1280, height: 900 };

/** The Chromium that comes with the packages, over the protocol of its developer tools. */
export const chromium: Engine = {
  name: "Chromium",
  missing: process.platform === "linux" ? undefined : "there is no Chromium for this system on npm",
  launch: async ({ proxy } = {}) => {
    const args = ["--no-sandbox", "--disable-gpu"];
    // Without the second, what is on this machine goes past the proxy.
    if (proxy) args.push(`--proxy-server=${proxy}`, "--proxy-bypass-list=<-loopback>");
    const executablePath = await chromiumFromNpm.executablePath();
    return toBrowser("Chromium", await launch({ executablePath, args, headless: "shell", defaultViewport }));
  },
};

const firefoxPath = findProgram("firefox-esr", "firefox");

/** Any Firefox that is installed, over WebDriver BiDi. */
export const firefox: Engine = {
  name: "Firefox",
  missing: firefoxPath ? undefined : "there is no firefox-esr and no firefox",
  launch: async ({ proxy } = {}) => {
    if (!firefoxPath) throw new Error(`Firefox: ${firefox.missing}`);
    const [host, port] = proxy?.split(":") ?? [];
    const throughProxy = {
      "network.proxy.type": 1,
      "network.proxy.http": host,
      "network.proxy.http_port": Number(port),
      "network.proxy.allow_hijacking_localhost": true,
    };
    return toBrowser(
      "Firefox",
      await launch({
        browser: "firefox",
        executablePath: firefoxPath,
        headless: true,
        defaultViewport,
        extraPrefsFirefox: proxy ? throughProxy : {},
      }),
    );
  },
};

function toBrowser(engine: EngineName, browser: PuppeteerBrowser): Browser {
  return {
    engine,
    open: async (address) => {
      const tab = createTab(toTab(await browser.newPage()));
      await tab.goTo(address);
      return tab;
    },
    close: () => browser.close(),
  };
}

function toTab(page: Page): EngineTab {
  return {
    goTo: async (address) => void (await page.goto(address)),
    reload: async () => void (await page.reload()),
    back: async () => {
      // Puppeteer's own way back waits for a page load, and one from the cache has none.
      const left = page.url();
      await page.evaluate(() => void setTimeout(() => history.back()));
      await eventually("the page before is there again", () =>
        page.evaluate((address) => document.readyState === "complete" && location.href !== address, left),
      );
    },
    evaluate: async (code, ...args) =>
      (await page.evaluate(anyCode(code), ...args)) as ReturnType<typeof code>,
    click: async (find, ...args) => {
      const handle = await page.evaluateHandle(anyCode(find), ...args);
      const element = handle.asElement();
      if (!element) throw new Error(`There is nothing to click: ${find}`);
      await (element as Awaited<ReturnType<Page["$"]>>)?.click();
    },
    press: (key) => page.keyboard.press(key),
    setOffline: (offline) => page.setOfflineMode(offline),
    close: () => page.close(),
  };
}

/** Puppeteer would have handles among the arguments, which no code here takes. */
const anyCode = (code: unknown) => code as (...args: unknown[]) => unknown;
