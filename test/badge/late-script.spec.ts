import { setTimeout as sleep } from "node:timers/promises";
import { startDemo } from "../../demo/start.ts";
import { expect, test } from "./badge-and-script.ts";

test("in the demo, a call from before the script had loaded is retired by the next one", async ({ page }) => {
  const demo = await startDemo({ ports: { site: 0, exchange: 0, vambe: 0 } });
  try {
    await page.goto(demo.siteUrl);
    await page.route("**/vambe-identity.js", async (route) => {
      await sleep(3000);
      await route.continue();
    });
    await page.locator("[data-list=login] [data-testid=login-user-ana-01]").click();
    await page.locator("[data-list=switch] [data-testid=login-user-carla-03]").click();
    const act = (title: string) => page.locator("[data-testid=act]", { hasText: title });
    await expect(act("Switched to Carla").locator("[data-outcome=delivered]")).toBeVisible();
    await expect(act("Logged in as Ana").locator("[data-outcome=retired]")).toBeVisible();
  } finally {
    await demo.close();
  }
});
