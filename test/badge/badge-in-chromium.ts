import { test as base, type Page } from "@playwright/test";
import chromium from "@sparticuz/chromium";
import { withOpenSans } from "../../demo/open-sans.ts";
import type { Person, Picture, Shown } from "../../widget/badge/picture.ts";
import { shown } from "../support/shown.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { bundle } from "../widget/bundles.ts";

export const jane: Person = { id: "A", name: "Jane Doe", plan: "premium" };

/** Everything that the badge can look like, by name. */
export const STATES = {
  working: { kind: "working", person: jane },
  known: { kind: "known", person: jane },
  verified: { kind: "known", person: { ...jane, verified: true } },
  queued: { kind: "queued", person: { ...jane, verified: true } },
  failed: { kind: "failed", person: jane },
} satisfies Record<string, Picture>;

export const THEMES = {
  light: { colorScheme: "light" },
  dark: { colorScheme: "dark" },
  forced: { colorScheme: "light", forcedColors: "active" },
} as const;

/** What a test can do with the badges on its page. */
interface PageWithBadges {
  show(state: Shown): void;
  /** How often a badge has asked for another try. */
  retries: number;
}

/** The badge alone, as built from the source as it stands, in the Chromium and the font that come with npm. */
export const test = base.extend<
  { stage: ReturnType<typeof createStage> },
  { executablePath: string; fonts: Record<string, string>; code: string }
>({
  executablePath: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures that it needs from here
    async ({}, use) => use(await chromium.executablePath()),
    { scope: "worker" },
  ],
  // After the browser has been unpacked, since its font comes with it.
  fonts: [
    async ({ executablePath: _ }, use) => {
      using folder = temporaryFolder();
      await use(await withOpenSans(folder.path, { alone: true }));
    },
    { scope: "worker" },
  ],
  code: [
    // biome-ignore lint/correctness/noEmptyPattern: as above
    async ({}, use) => use(await bundle("badge")),
    { scope: "worker" },
  ],
  launchOptions: async ({ executablePath, fonts }, use) =>
    use({
      executablePath,
      args: ["--no-sandbox", "--headless=shell", "--disable-gpu"],
      env: { ...process.env, ...fonts } as Record<string, string>,
    }),
  contextOptions: { reducedMotion: "reduce" },
  stage: async ({ page, code }, use) => use(createStage(page, code)),
});

export { expect } from "@playwright/test";

function createStage(page: Page, code: string) {
  return {
    /** Opens a page with `body` in it. */
    async open(body = "", { lang = "en", dir = "ltr", head = "" } = {}) {
      const html = `<!doctype html><html lang="${lang}" dir="${dir}"><head><title>Shop</title>${head}</head><body>${body}</body></html>`;
      await page.route("https://shop.example/**", (route) =>
        route.request().url().endsWith("/badge.js")
          ? route.fulfill({ contentType: "text/javascript", body: code })
          : route.fulfill({ contentType: "text/html; charset=utf-8", body: html }),
      );
      await page.goto("https://shop.example/");
    },
    /** Mounts a badge with these settings of the tag. */
    mount: (data: Record<string, string>, state: Picture = { kind: "hidden" }) =>
      page.evaluate(
        async (given) => {
          const address = "/badge.js";
          const { mount } = await import(address);
          const here = window as unknown as PageWithBadges;
          const before = here.show;
          here.retries ??= 0;
          mount({
            data: given.data,
            subscribe(listener: PageWithBadges["show"]) {
              here.show = (next) => {
                before?.(next);
                listener(next);
              };
              listener(given.state);
            },
            retry: () => here.retries++,
          });
        },
        { data, state: shown(state) },
      ),
    /** All badges show this from now on. */
    show: (state: Picture) =>
      page.evaluate((next) => (window as unknown as PageWithBadges).show(next), shown(state)),
    retries: () => page.evaluate(() => (window as unknown as PageWithBadges).retries),
    badge: page.locator("vambe-identity section"),
  };
}
