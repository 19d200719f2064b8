import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, type Page, chromium as playwright } from "@playwright/test";
import chromium from "@sparticuz/chromium";
import { withOpenSans } from "./open-sans.ts";

const DOCS = fileURLToPath(new URL("../docs/", import.meta.url));

/** The Chromium that takes the pictures in docs/, with the same letters on every machine. */
export async function openPictureBrowser(): Promise<{ browser: Browser } & AsyncDisposable> {
  const fonts = await mkdtemp(join(tmpdir(), "vambe-identity-fonts-"));
  const executablePath = await chromium.executablePath();
  const browser = await playwright.launch({
    executablePath,
    args: ["--no-sandbox", "--headless=shell", "--disable-gpu"],
    env: { ...process.env, ...(await withOpenSans(fonts)) },
  });
  return {
    browser,
    [Symbol.asyncDispose]: async () => {
      await browser.close();
      await rm(fonts, { recursive: true, force: true });
    },
  };
}

/** As WebP, and with a `scale` below 1 no wider than a README is shown: the package carries the pictures of its own. */
export async function keepPicture(page: Page, name: string, { scale = 1, quality = 55 } = {}): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const { width = 0, height = 0 } = page.viewportSize() ?? {};
  // Of the whole document, so where a page is scrolled it would be another part.
  const clip = scale === 1 ? {} : { clip: { x: 0, y: 0, width, height, scale } };
  const { data } = await session.send("Page.captureScreenshot", { format: "webp", quality, ...clip });
  const path = join(DOCS, `${name}.webp`);
  await writeFile(path, Buffer.from(data, "base64"));
  console.log(path);
}
