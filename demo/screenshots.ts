import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
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
  await keep(page, `demo-${device}-${colorScheme}`, device === "desktop" ? 0.65 : 1);
  await context.close();
  await demo.close();
}

/** As WebP, and no wider than a README is shown: the package carries the pictures of its own. */
async function keep(page: Page, name: string, scale = 1): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const { width = 0, height = 0 } = page.viewportSize() ?? {};
  // Of the whole document, so where a page is scrolled it would be another part.
  const clip = scale === 1 ? {} : { clip: { x: 0, y: 0, width, height, scale } };
  const picture = { format: "webp", quality: 55, ...clip } as const;
  const { data } = await session.send("Page.captureScreenshot", picture);
  const path = join(DOCS, `${name}.webp`);
  await writeFile(path, Buffer.from(data, "base64"));
  console.log(path);
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
  await keep(page, "badge-states");
  await page.close();
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
await takeBadge(browser);
await browser.close();
await rm(fonts, { recursive: true, force: true });
