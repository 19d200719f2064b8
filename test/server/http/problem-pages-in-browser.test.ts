import { readFileSync } from "node:fs";
import type { AxeResults } from "axe-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { LANGUAGES } from "../../../server/problem-texts/language.ts";
import { problemTexts } from "../../../server/problem-texts/texts.ts";
import { PROBLEMS } from "../../../server/problems.ts";
import { launchChromium } from "../../inspector/site.ts";
import { startWorld, type World } from "../../support/world.ts";

/** The pages of the problems as people read them. */

const TELEPHONE = { width: 390, height: 844 };
const axe = readFileSync(new URL("../../../node_modules/axe-core/axe.min.js", import.meta.url), "utf8");

const browser = await launchChromium();
let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await browser.close();
});
const addressOf = (slug: string) => `${world.exchange.url}/problems/${slug}`;

test("a reader in Mexico reads Spanish, changes to Portuguese and English, and goes back", async () => {
  const context = await browser.newContext({ locale: "es-MX" });
  const page = await context.newPage();
  const titled = async (language: (typeof LANGUAGES)[number]) => {
    const { title } = (await problemTexts(language))["proof-missing"];
    await page.getByRole("heading", { level: 1, name: title, exact: true }).waitFor();
    expect(await page.title()).toBe(`${title} – vambe-identity`);
    expect(await page.locator("html").getAttribute("lang")).toBe(language);
  };
  await page.goto(addressOf("proof-missing"));
  await titled("es");
  await page.getByRole("link", { name: "Português" }).click();
  await titled("pt");
  await page.getByRole("link", { name: "English" }).click();
  await titled("en");
  await page.goBack();
  await titled("pt");
  await page.goBack();
  await titled("es");
  await context.close();
});

test.each(LANGUAGES)("on a telephone nothing stands beside the screen, in %s", async (language) => {
  const context = await browser.newContext({ viewport: TELEPHONE, locale: language });
  const page = await context.newPage();
  for (const slug of Object.keys(PROBLEMS)) {
    await page.goto(addressOf(slug));
    expect([slug, await page.evaluate(() => document.documentElement.scrollWidth)]).toEqual([
      slug,
      TELEPHONE.width,
    ]);
  }
  await context.close();
});

test.each(
  LANGUAGES.flatMap((locale) => (["light", "dark"] as const).map((colorScheme) => ({ locale, colorScheme }))),
)("axe finds nothing in $locale, $colorScheme", async (settings) => {
  const context = await browser.newContext(settings);
  const page = await context.newPage();
  await page.goto(addressOf("proof-missing"));
  await page.evaluate(axe);
  const { violations, incomplete, passes } = await page.evaluate<AxeResults>("axe.run()");
  expect([...violations, ...incomplete].map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual(
    [],
  );
  expect(passes.map(({ id }) => id)).toEqual(
    expect.arrayContaining(["color-contrast", "html-lang-valid", "valid-lang", "region"]),
  );
  await context.close();
});
