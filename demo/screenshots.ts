import { readFile } from "node:fs/promises";
import type { Browser, Page } from "@playwright/test";
import { keepPicture, openPictureBrowser } from "./picture-browser.ts";
import { startDemo } from "./start.ts";

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
  /** Vambe has the contact on WhatsApp too, beside that of the webchat. */
  const onWhatsapp = (title: string) =>
    page
      .getByTestId("act")
      .filter({ hasText: title })
      .locator('[data-channel="whatsapp"][data-status="201"]')
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
  await onWhatsapp("Changed the plan to enterprise");
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
  await keepPicture(page, `demo-${device}-${colorScheme}`, { scale: device === "desktop" ? 0.65 : 1 });
  await context.close();
  await demo.close();
}

/** The badge's states, as the tests compare them. */
async function takeBadge(browser: Browser): Promise<void> {
  const png = await readFile(new URL("../test/badge/references/light-en.png", import.meta.url));
  const page = await browser.newPage();
  const width = png.readUInt32BE(16);
  const height = png.readUInt32BE(20);
  await page.setViewportSize({ width, height });
  await page.setContent(
    `<body style="margin:0"><img src="data:image/png;base64,${png.toString("base64")}" alt="" />`,
  );
  await keepPicture(page, "badge-states");
  await page.close();
}

await using pictures = await openPictureBrowser();
const { browser } = pictures;
for (const device of ["desktop", "mobile"] as const) {
  for (const colorScheme of ["light", "dark"] as const) await takePicture(browser, device, colorScheme);
}
await takeBadge(browser);
