import type { Picture } from "../../widget/badge/picture.ts";
import { expect, jane, STATES, THEMES, test } from "./badge-in-chromium.ts";

/*
 * What the badge looks like, in pictures that were looked at. `npm run references` draws them anew. The letters are
 * the same on every machine, so that a few pixels are all that may differ.
 */
const tolerance = { maxDiffPixels: 24, threshold: 0.02 };

interface Sheet {
  /** Settings of the tag, for each column. */
  columns: Record<string, string>[];
  states?: Record<string, Picture>;
  dir?: "ltr" | "rtl";
  /** Width of the window in CSS pixels. */
  width: number;
  /** Of the page around the badge. */
  background?: string;
  /** Style of the page. */
  style?: string;
}

const bare = (lang: string) => ({ lang });
const withSignOut = (lang: string) => ({ lang, signout: "" });

/** What could be too long for its place. */
const LONG = {
  name: "Jane Doe of the Department of Very Long Names",
  plan: "enterprise with everything",
};
const LONG_STATES: Record<string, Picture> = {
  long: { kind: "known", person: { ...jane, ...LONG, verified: true } },
  "long and failed": { kind: "failed", person: { ...jane, ...LONG } },
  nameless: { kind: "known", person: { id: "A", name: "", plan: "" } },
};

const HEBREW = JSON.stringify({
  working: "מזהים…",
  known: "מחובר",
  verified: "הזהות אומתה",
  queued: "נשמר, יסונכרן בקרוב",
  failed: "לא הצלחנו לזהות אותך",
  retry: "נסה שוב",
  signout: "לא אתה? התנתק",
});

const PAGE = { light: "#f6f5f1", dark: "#0d111a", forced: "Canvas" };

const sheets: Record<string, Sheet & { theme: keyof typeof THEMES }> = {};
for (const theme of ["light", "dark", "forced"] as const) {
  for (const lang of ["es", "pt", "en"]) {
    sheets[`${theme}-${lang}`] = { theme, columns: [bare(lang), withSignOut(lang)], width: 720 };
  }
}
for (const lang of ["es", "pt", "en"]) {
  sheets[`320px-${lang}`] = {
    theme: "light",
    columns: [withSignOut(lang)],
    states: { ...STATES, ...LONG_STATES },
    width: 320,
  };
}
sheets.rtl = {
  theme: "light",
  columns: [
    { lang: "he", words: HEBREW, signout: "" },
    { lang: "es", signout: "" },
  ],
  dir: "rtl",
  width: 720,
};
sheets["rtl-320px"] = {
  theme: "dark",
  columns: [{ lang: "es", signout: "" }],
  states: { ...STATES, ...LONG_STATES },
  dir: "rtl",
  width: 320,
};
sheets.themed = {
  theme: "light",
  columns: [bare("en"), withSignOut("en")],
  style: `
    :root {
      --vambe-identity-accent: #9a3412;
      --vambe-identity-surface: #fff7ed;
      --vambe-identity-text: #431407;
      --vambe-identity-radius: 6px;
      --vambe-identity-face: #9a3412;
    }
    vambe-identity::part(badge) { box-shadow: none }
    vambe-identity::part(plan) { border-radius: 4px }`,
  width: 720,
};

for (const [name, { theme, columns, states = STATES, dir = "ltr", width, style = "" }] of Object.entries(
  sheets,
)) {
  test.describe(() => {
    test.use({
      ...THEMES[theme],
      contextOptions: { reducedMotion: "reduce", ...THEMES[theme] },
      viewport: { width, height: 200 },
    });
    test(`the badge looks as it did: ${name}`, async ({ page, stage }) => {
      const cells = Object.values(states).flatMap((state) => columns.map((data) => ({ data, state })));
      await stage.open(`<main>${cells.map((_, at) => `<div id="cell-${at}"></div>`).join("")}</main>`, {
        dir,
        head: `<style>
            body { margin: 0; background: ${PAGE[theme]} }
            main {
              display: grid; gap: 20px 16px; padding: 16px;
              grid-template-columns: repeat(${columns.length}, minmax(0, 1fr));
            }
            ${style}
          </style>`,
      });
      for (const [at, { data, state }] of cells.entries()) {
        await stage.mount({ badge: `#cell-${at}`, ...data }, state);
      }
      await expect(page.locator("main")).toHaveScreenshot(`${name}.png`, tolerance);
    });
  });
}

test.describe("at 200 % zoom", () => {
  // What is left of a window 640 pixels wide, in device pixels of half the size.
  test.use({ viewport: { width: 320, height: 200 }, deviceScaleFactor: 2 });
  for (const badge of ["bottom-left", "top-right"]) {
    test(`the badge looks as it did: zoomed, ${badge}`, async ({ page, stage }) => {
      await stage.open();
      await stage.mount({ badge, lang: "es", signout: "" }, STATES.failed);
      await expect(page).toHaveScreenshot(`zoomed-${badge}.png`, tolerance);
    });
  }
});
