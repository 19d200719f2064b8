import { setTimeout as sleep } from "node:timers/promises";
import { startDemo } from "../../demo/start.ts";
import { expect, test } from "./badge-and-script.ts";

test("without data-signout there is no button to sign out", async ({ shop }) => {
  await using site = await shop.open(`data-badge="bottom-left"`);
  await site.identify();
  await expect(site.badge).toContainText("Identity verified");
  await expect(site.badge.getByRole("button")).toHaveCount(0);
});

for (const press of ["a click", "the keyboard"]) {
  test(`the site hears of a sign-out by ${press}, and the badge logs out`, async ({ page, shop }) => {
    await using site = await shop.open(`data-badge="bottom-left" data-signout`);
    await page.evaluate(() => {
      const heard: unknown[] = [];
      for (const type of ["vambe:signout", "vambe:reset"] as const) {
        addEventListener(type, ({ detail, cancelable }) => heard.push([type, detail, cancelable]));
      }
      Object.assign(window, { heard });
    });
    await site.identify();
    const button = site.badge.getByRole("button", { name: "Not you? Sign out" });
    if (press === "a click") await button.click();
    else {
      await button.waitFor();
      await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
    }
    await expect(site.badge).toBeHidden();
    expect(await site.current()).toBeNull();
    expect(await page.evaluate(() => JSON.parse(localStorage["vambe-identity"])[0])).toBeNull();
    expect(await page.evaluate(() => (window as unknown as { heard: unknown }).heard)).toEqual([
      ["vambe:signout", null, true],
      ["vambe:reset", null, false],
    ]);
  });
}

test("a site that prevents the event decides itself when to log out", async ({ page, shop }) => {
  await using site = await shop.open(`data-badge="bottom-left" data-signout`);
  await page.evaluate(() => addEventListener("vambe:signout", (event) => event.preventDefault()));
  await site.identify();
  await site.badge.getByRole("button", { name: "Not you? Sign out" }).click();
  expect(await site.current()).toMatchObject({ id: "A" });
  await expect(site.badge).toContainText("Jane Doe");
  await page.evaluate(() => window.VambeIdentify?.(null));
  await expect(site.badge).toBeHidden();
});

for (const [chat, chatMs] of [
  ["that runs", 0],
  ["that is still loading", 2000],
] as const)
  test(`in the demo, the badge's way out ends the site's own session, beside a chat ${chat}`, async ({
    page,
  }) => {
    const demo = await startDemo({ ports: { site: 0, exchange: 0, vambe: 0 } });
    try {
      await page.route("**/webchat.js", async (route) => {
        await sleep(chatMs);
        await route.continue();
      });
      await page.goto(demo.siteUrl);
      await page.locator("[data-list=login] [data-testid=login-user-bruno-02]").click();
      const badge = page.locator("vambe-identity section");
      const signOut = badge.getByRole("button", { name: "Not you? Sign out" });
      await signOut.waitFor();
      // Before it begins to load, nobody has told the chat who is there, and no page has to be loaded anew.
      const loads = page.locator('script[src$="/webchat.js"]');
      await (chatMs === 0 ? page.locator("vambe-webchat").getByText("Hola Bruno") : loads).waitFor({
        state: "attached",
      });
      await signOut.click();
      const loadedAnew = page.locator("[data-testid=act]", { hasText: "The widget reloaded the page" });
      await expect(loadedAnew.first()).toBeVisible();
      await expect(page.getByRole("heading", { name: "Know where every parcel is." })).toBeFocused();
      await expect(badge).toBeHidden();
      await page.reload();
      await expect(page.getByTestId("login-user-bruno-02").first()).toBeVisible();
    } finally {
      await demo.close();
    }
  });
