import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type Browser, chromium } from "@playwright/test";
import chromiumFromNpm from "@sparticuz/chromium";
import { startWorld, type World } from "../support/world.ts";

const STUB = "window.VambeIdentify ??= function () { (VambeIdentify.q ??= []).push(arguments) }";

export interface PageSetting {
  /** The script tag's `data-*` attributes. */
  tag?: string;
  /** JavaScript in the page, beside the tag. */
  script?: string;
  policy?: string;
  colorScheme?: "light" | "dark";
}

export const launchChromium = async (): Promise<Browser> =>
  chromium.launch({
    executablePath: await chromiumFromNpm.executablePath(),
    args: ["--no-sandbox", "--headless=shell", "--disable-gpu"],
  });

/** A site of one page, and the real exchange that it may ask. */
export async function startSite(browser: Browser, environment: Record<string, string> = {}) {
  const page = { html: "", policy: "" };
  const server = createServer((request, response) => {
    const found = request.url === "/";
    if (page.policy) response.setHeader("content-security-policy", page.policy);
    response.writeHead(found ? 200 : 404, { "content-type": "text/html; charset=utf-8" });
    response.end(found ? page.html : "");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`;
  const world: World = await startWorld({ environment: { VAMBE_ALLOWED_ORIGINS: origin, ...environment } });

  async function open({
    tag = "data-debug",
    script = "",
    policy = "",
    colorScheme = "light",
  }: PageSetting = {}) {
    const src = `${world.exchange.url}/vambe-identity.js`;
    page.policy = policy;
    page.html = `<!doctype html><html lang="en"><title>Shop</title><body><main><h1>Shop</h1></main>
      <script nonce="n">${STUB}; ${script}</script><script nonce="n" async src="${src}" ${tag}></script></body></html>`;
    const context = await browser.newContext({ colorScheme, viewport: { width: 900, height: 800 } });
    const tab = await context.newPage();
    const complaints: string[] = [];
    tab.on("console", (message) => complaints.push(message.text()));
    tab.on("pageerror", (error) => complaints.push(error.message));
    await tab.goto(origin);
    const inspector = tab.locator("vambe-identity-inspector section.inspector");
    return {
      page: tab,
      complaints,
      inspector,
      toggle: inspector.getByRole("button", { name: "vambe-identity" }),
      fact: (label: string) => inspector.locator("dl > div", { has: tab.locator(`dt:text-is("${label}")`) }),
      [Symbol.asyncDispose]: () => context.close(),
    };
  }

  return {
    world,
    origin,
    open,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await world[Symbol.asyncDispose]();
    },
  };
}
