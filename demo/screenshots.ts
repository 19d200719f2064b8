import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, type Page, chromium as playwright } from "@playwright/test";
import chromium from "@sparticuz/chromium";
import { withOpenSans } from "./open-sans.ts";
import { startDemo } from "./start.ts";

const DOCS = fileURLToPath(new URL("../docs/", import.meta.url));

const DEVICES = {
  desktop: { viewport: { width: 1280, height: 900 }, deviceScaleFactor: 1 },
  mobile: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 1.5 },
} as const;

/** A few minutes of somebody's day: what the pictures are to show. */
async function play(page: Page): Promise<void> {
  const settled = (title: string, ...statuses: string[]) =>
    page
      .getByTestId("act")
      .filter({ hasText: title })
      .locator(statuses.map((status) => `[data-outcome="${status}"]`).join())
      .waitFor();
  const greeted = (name: string) => page.locator("vambe-webchat").getByText(`Hola ${name}`).waitFor();
  await page.locator('[data-list="login"]').getByRole("button", { name: "Ana Rivera" }).click();
  await settled("Logged in as Ana Rivera", "delivered");
  await greeted("Ana");
  await page.locator('[data-list="switch"]').getByRole("button", { name: "Bruno Costa" }).click();
  await settled("The widget reloaded the page for Bruno Costa", "delivered", "unchanged");
  await greeted("Bruno");
  await page.getByTestId("plan-enterprise").check();
  await settled("Changed the plan to enterprise", "delivered");
  await page.reload();
  await settled("Reloaded the page as Bruno", "unchanged");
  await greeted("Bruno");
}

async function takePicture(browser: Browser, device: keyof typeof DEVICES, colorScheme: "light" | "dark") {
  const demo = await startDemo({ log: console.error });
  const context = await browser.newContext({ ...DEVICES[device], colorScheme, reducedMotion: "reduce" });
  const page = await context.newPage();
  await page.goto(demo.siteUrl);
  await play(page);
  if (device === "mobile") {
    await page.getByTestId("to-vambe").click();
    await page.locator('.panes [aria-current][href="#vambe"]').waitFor();
  }
  await page.mouse.move(0, 0);
  await page.locator("vambe-identity").getByText("Bruno Costa").waitFor();
  const path = join(DOCS, `demo-${device}-${colorScheme}.png`);
  await page.screenshot({ path });
  console.log(path);
  await context.close();
  await demo.close();
}

await mkdir(DOCS, { recursive: true });
const fonts = await mkdtemp(join(tmpdir(), "vambe-identity-fonts-"));
const executablePath = await chromium.executablePath();
const browser = await playwright.launch({
  executablePath,
  args: ["--no-sandbox", "--headless=shell", "--disable-gpu"],
  env: { ...process.env, ...(await withOpenSans(fonts)) },
});
for (const device of ["desktop", "mobile"] as const) {
  for (const colorScheme of ["light", "dark"] as const) await takePicture(browser, device, colorScheme);
}
await browser.close();
await rm(fonts, { recursive: true, force: true });
