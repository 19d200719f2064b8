import { type Browser, type Page, chromium as playwright } from "@playwright/test";
import chromium from "@sparticuz/chromium";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Demo, startDemo } from "../../demo/start.ts";

let demo: Demo;
let browser: Browser;
beforeAll(async () => {
  const executablePath = await chromium.executablePath();
  const args = ["--no-sandbox", "--headless=shell", "--disable-gpu"];
  browser = await playwright.launch({ executablePath, args });
  demo = await startDemo({ ports: { site: 0, exchange: 0, vambe: 0 } });
});
afterAll(async () => {
  await browser?.close();
  await demo?.close();
});

describe.each([
  { width: 390, height: 844 },
  { width: 1280, height: 900 },
  { width: 1280, height: 640 },
])("at $width × $height", (viewport) => {
  test("badge and chat cover nothing that can be clicked, wherever the page is scrolled to", async () => {
    const page = await browser.newPage({ viewport, reducedMotion: "reduce" });
    await page.goto(demo.siteUrl);
    await page.locator("vambe-webchat").getByText("Hola, ¿con quién hablo?").waitFor();
    expect(await coveredIn(page)).toEqual([]);

    await page.locator("[data-list=login] [data-testid=login-user-bruno-02]").click();
    await page.locator("vambe-webchat").getByText("Hola Bruno").waitFor();
    await page.locator("vambe-identity").getByText("Identity verified").waitFor();
    expect(await coveredIn(page)).toEqual([]);

    // A chat without a session.
    await page.getByTestId("cheat-chat").click();
    await page.locator("vambe-webchat [data-opened-by=refused]").waitFor();
    expect(await coveredIn(page)).toEqual([]);

    // The widest that the badge can be.
    await page.getByTestId("cheat-user").click();
    await page.locator("vambe-identity").getByText("Try again").waitFor();
    expect(await coveredIn(page)).toEqual([]);
    await page.close();
  });
});

test("on a phone, What Vambe knows is one tap away from everywhere, and the site is one tap back", async () => {
  const page = await browser.newPage({ viewport: { width: 390, height: 844 }, reducedMotion: "reduce" });
  await page.goto(demo.siteUrl);
  const [there, back] = [page.getByTestId("to-vambe"), page.getByTestId("to-site")];
  const isInView = (selector: string) =>
    expect
      .poll(() => page.locator(selector).evaluate((element) => element.getBoundingClientRect().top))
      .toSatisfy((top) => top >= 0 && top < 300);
  for (const y of [0, 500, 100_000]) {
    await page.evaluate((top) => scrollTo(0, top), y);
    await there.click();
    await isInView("#knows");
    await expect.poll(() => there.getAttribute("aria-current")).toBe("true");
    await back.click();
    await isInView(".brand");
    await expect.poll(() => back.getAttribute("aria-current")).toBe("true");
  }
  await page.close();
});

/** What a click would not reach: in the middle of the window, and at every place where the page can be scrolled to. */
const coveredIn = (page: Page) =>
  page.evaluate(async () => {
    const covered = new Set<string>();
    const overlays = ["vambe-identity", "vambe-webchat"];
    const clickable = [...document.querySelectorAll<HTMLElement>("a, button, input")].filter(
      (element) => element.checkVisibility() && !overlays.includes(element.localName),
    );
    const nameOf = (element: HTMLElement) => element.dataset.testid ?? element.outerHTML.slice(0, 60);
    const pointsOf = (element: HTMLElement) => {
      const { left, right, top, bottom } = element.getBoundingClientRect();
      const [x, y, inset] = [(left + right) / 2, (top + bottom) / 2, 3];
      return [
        [x, y],
        [x, top + inset],
        [x, bottom - inset],
        [left + inset, y],
        [right - inset, y],
      ];
    };
    /** What the page's own strip hides is not there to be clicked, so nothing covers it. */
    const isCovered = (element: HTMLElement) =>
      pointsOf(element).some(([x = 0, y = 0]) => {
        const [top, ...below] = document.elementsFromPoint(x, y);
        if (!top || !overlays.includes(top.localName)) return false;
        const next = below.find(({ localName }) => !overlays.includes(localName));
        return !!next && (element.closest("label") ?? element).contains(next);
      });

    for (const element of clickable) {
      element.scrollIntoView({ block: "center", behavior: "instant" });
      const [[x = 0, y = 0] = []] = pointsOf(element);
      const reached = (element.closest("label") ?? element).contains(document.elementFromPoint(x, y));
      if (!reached || isCovered(element)) covered.add(nameOf(element));
    }
    for (let y = 0; y <= document.documentElement.scrollHeight - innerHeight + 50; y += 50) {
      scrollTo({ top: y, behavior: "instant" });
      for (const element of clickable) if (isCovered(element)) covered.add(`${nameOf(element)} at ${y}`);
    }
    for (const name of overlays) {
      const host = document.querySelector(name);
      for (const button of host?.shadowRoot?.querySelectorAll<HTMLElement>("button") ?? []) {
        if (!button.checkVisibility()) continue;
        const own = pointsOf(button).every(([x = 0, y = 0]) => document.elementFromPoint(x, y) === host);
        if (!own) covered.add(`${name}: ${button.textContent?.trim() || button.ariaLabel}`);
      }
    }
    if (clickable.length < 10) covered.add(`only ${clickable.length} found`);
    return [...covered];
  });
