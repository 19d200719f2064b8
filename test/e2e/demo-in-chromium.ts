import { test as base, type Page } from "@playwright/test";
import chromium from "@sparticuz/chromium";
import { type Demo, startDemo } from "../../demo/start.ts";

interface InTheDemo {
  demo: Demo;
  /** Everything that any page of this test was sent, and everything that it wrote to its console. */
  received: string[];
  actions: ReturnType<typeof actionsOn>;
}

/** Each test has a demo of its own, on free ports, and a Chromium that came with the packages. */
export const test = base.extend<InTheDemo, { executablePath: string }>({
  executablePath: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures that it needs from here
    async ({}, use) => use(await chromium.executablePath()),
    { scope: "worker" },
  ],
  launchOptions: async ({ executablePath }, use) =>
    use({ executablePath, args: ["--no-sandbox", "--headless=shell", "--disable-gpu"] }),
  // biome-ignore lint/correctness/noEmptyPattern: as above
  demo: async ({}, use) => {
    const demo = await startDemo({ ports: { site: 0, exchange: 0, vambe: 0 } });
    await use(demo);
    await demo.close();
  },
  received: async ({ context }, use) => {
    const received: string[] = [];
    context.on("console", (message) => received.push(message.text()));
    context.on("response", async (response) => {
      const headers = await response.allHeaders().catch(() => ({}));
      const body = response.url().endsWith("/events") ? "" : await response.text().catch(() => "");
      received.push(`${response.url()}\n${JSON.stringify(headers)}\n${body}`);
    });
    await use(received);
  },
  actions: async ({ page }, use) => use(actionsOn(page)),
});

export { expect } from "@playwright/test";

/** What a visitor does, in the words of the demo's page. */
function actionsOn(page: Page) {
  const list = (name: string, id: string) => page.locator(`[data-list=${name}] [data-testid=login-${id}]`);
  return {
    logIn: (id: string) => list("login", id).click(),
    switchTo: (id: string) => list("switch", id).click(),
    changePlan: (plan: string) => page.getByTestId(`plan-${plan}`).check(),
    logOut: () => page.getByTestId("logout").click(),
    badge: page.locator("vambe-identity section"),
    current: () => page.evaluate(() => window.VambeIdentify?.current ?? null),
    /** What the last identify with this title came to, as the page's own story tells it. */
    outcome: (title: string | RegExp) =>
      page.getByTestId("act").filter({ hasText: title }).first().getByTestId("outcome"),
  };
}
