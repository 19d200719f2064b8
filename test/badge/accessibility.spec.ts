import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "@playwright/test";
import type { AxeResults } from "axe-core";
import { messages } from "../../widget/badge/messages.ts";
import { accessibilityTree } from "./accessibility-tree.ts";
import { expect, jane, STATES, THEMES, test } from "./badge-in-chromium.ts";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

async function axeOn(page: Page): Promise<AxeResults> {
  await page.evaluate(axe);
  return page.evaluate(() => (window as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run());
}

const briefly = (results: AxeResults["violations"]) =>
  results.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)]);

/** Axe names what is in a shadow root by a path. */
const inTheBadge = (results: AxeResults["passes"]) =>
  results.flatMap(({ nodes }) =>
    nodes.flatMap(({ target: [path] }) => (Array.isArray(path) ? path.at(-1) : [])),
  );

for (const [theme, options] of Object.entries(THEMES)) {
  test.describe(() => {
    test.use({ ...options, contextOptions: { reducedMotion: "reduce", ...options } });
    for (const [name, state] of Object.entries({ ...STATES, hidden: { kind: "hidden" } as const })) {
      test(`axe finds nothing: ${name}, ${theme}`, async ({ page, stage }) => {
        for (const badge of ["bottom-left", "#who"]) {
          await stage.open(`<main><h1>Orders</h1><div id="who"></div></main>`, {
            head: "<style>:root { color-scheme: light dark }</style>",
          });
          await stage.mount({ badge, signout: "" }, state);
          const { violations, passes, incomplete } = await axeOn(page);
          expect(briefly(violations), badge).toEqual([]);
          if (badge === "bottom-left" || name === "hidden") continue;
          // Beside the body axe measures no contrast. The face's letters, on a gradient, are measured below.
          const measured = passes.filter(({ id }) => id === "color-contrast");
          expect(inTheBadge(measured)).toHaveLength(4);
          expect(inTheBadge(incomplete)).toEqual(["b"]);
        }
      });
    }
  });
}

test("the letters on the face and the lines on each mark stand out from what is behind them", async ({
  stage,
}) => {
  await stage.open();
  await stage.mount({ badge: "bottom-left" });
  const behind = async (part: string, property: "backgroundImage" | "backgroundColor") => {
    const css = await stage.badge
      .locator(part)
      .evaluate((it, name) => getComputedStyle(it)[name as "backgroundColor"], property);
    return [...css.matchAll(/rgb\((\d+), (\d+), (\d+)\)/g)].map((found) => found.slice(1).map(Number));
  };
  await stage.show(STATES.known);
  const face = await behind("b", "backgroundImage");
  expect(face).toHaveLength(2);
  for (const color of face) expect(contrastWithWhite(color)).toBeGreaterThanOrEqual(4.5);
  for (const state of [STATES.verified, STATES.queued, STATES.failed]) {
    await stage.show(state);
    const [color = []] = await behind("svg", "backgroundColor");
    expect(contrastWithWhite(color), state.kind).toBeGreaterThanOrEqual(3);
  }
});

/** As WCAG 2 defines it, of three channels from 0 to 255. */
function contrastWithWhite(channels: number[]): number {
  const [red = 255, green = 255, blue = 255] = channels.map((channel) => {
    const part = channel / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05);
}

test("a screen reader finds the name, how things stand and what can be done", async ({ page, stage }) => {
  await stage.open();
  await stage.mount({ badge: "bottom-left", signout: "" });
  const status = "status [polite]";
  expect(await accessibilityTree(page), "nobody known yet").toEqual([status]);

  const card = (words: string, last: string[]) => [
    "region “Your session”",
    `  ${status}`,
    "    StaticText “Jane Doe”",
    `    StaticText “${words}”`,
    "  button “Not you? Sign out”",
    "    StaticText “Not you? Sign out”",
    ...last,
  ];
  const plan = ["  StaticText “Premium”"];
  const expected: Record<string, string[]> = {
    working: card("Identifying…", plan),
    known: card("Signed in", plan),
    verified: card("Identity verified", plan),
    queued: card("Saved, will be synced", plan),
    failed: card("We couldn’t identify you", ["  button “Try again”", "    StaticText “Try again”"]),
  };
  for (const [name, state] of Object.entries(STATES)) {
    await stage.show(state);
    expect(await accessibilityTree(page), name).toEqual(expected[name]);
  }
  await stage.show({ kind: "hidden" });
  expect(await accessibilityTree(page), "logged out").toEqual([status]);
});

for (const lang of ["es", "pt", "en"] as const) {
  test(`a screen reader hears each state in its language: ${lang}`, async ({ page, stage }) => {
    await stage.open("", { lang: "fr" });
    await stage.mount({ badge: "bottom-left", lang, signout: "" });
    await expect(stage.badge).toHaveAttribute("lang", lang);
    for (const [name, state] of Object.entries(STATES)) {
      await stage.show(state);
      const heard = (await accessibilityTree(page)).join("\n");
      const words = messages[lang];
      expect(heard).toContain(`StaticText “${words[name as keyof typeof words]}”`);
      expect(heard).toContain(`region “${words.badge}”`);
      expect(heard).toContain(`button “${words.signout}”`);
      if (name === "failed") expect(heard).toContain(`button “${words.retry}”`);
    }
  });
}

test("what is spoken of by itself is the name and the state, and no button", async ({ page, stage }) => {
  await stage.open();
  await stage.mount({ badge: "bottom-left", signout: "" }, STATES.failed);
  expect(await stage.badge.getByRole("status").innerText()).toMatch(/^Jane Doe\s+We couldn’t identify you$/);
  await stage.show(STATES.verified);
  // The element that speaks is still the same one: a new one would be silent.
  await stage.badge.getByRole("status").evaluate((it) => it.setAttribute("data-same", ""));
  await stage.show({ kind: "queued", person: jane });
  await expect(stage.badge.getByRole("status")).toHaveAttribute("data-same", "");
  await expect(stage.badge.getByRole("status")).toContainText("Saved");
  expect(await page.evaluate(() => document.activeElement?.tagName)).toBe("BODY");
});

test("by keyboard alone: Tab finds each button, Enter and Space press it, and a retry keeps the focus", async ({
  page,
  stage,
}) => {
  await stage.open(`<a href="#">Home</a>`);
  await stage.mount({ badge: "bottom-left", signout: "" }, STATES.failed);
  const focus = () =>
    page.evaluate(() => {
      const inside = document.activeElement?.shadowRoot?.activeElement;
      return inside?.getAttribute("part") ?? document.activeElement?.tagName;
    });
  const outline = () =>
    stage.badge.evaluate((it) => {
      const focused = it.matches(":focus") ? it : it.querySelector(":focus");
      const { outlineStyle, outlineWidth } = getComputedStyle(focused ?? it);
      return `${outlineStyle} ${outlineWidth}`;
    });

  await page.keyboard.press("Tab");
  expect(await focus()).toBe("A");
  await page.keyboard.press("Tab");
  expect(await focus()).toBe("signout");
  expect(await outline()).toBe("solid 2px");
  await page.keyboard.press("Tab");
  expect(await focus()).toBe("retry");
  expect(await outline()).toBe("solid 2px");

  await page.keyboard.press("Enter");
  expect(await stage.retries()).toBe(1);
  await stage.show(STATES.working);
  expect(await focus()).toBe("badge working");
  expect(await outline()).toBe("solid 2px");
  await stage.show(STATES.failed);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  expect(await focus()).toBe("retry");
  await page.keyboard.press("Space");
  expect(await stage.retries()).toBe(2);
  await stage.show(STATES.verified);
  expect(await focus()).toBe("badge verified");
});

test("in nobody's absence does Tab stop at the badge", async ({ page, stage }) => {
  await stage.open(`<a href="#">Home</a>`);
  await stage.mount({ badge: "bottom-left", signout: "" });
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  expect(await page.evaluate(() => document.activeElement?.tagName)).toBe("BODY");
});
