import { renderToString } from "preact-render-to-string";
import type { Language } from "../../problem-texts/language.ts";
import css from "./page.css?inline";
import { Page } from "./page.tsx";
import { createView, type Shown } from "./view.ts";
import { en, type Words } from "./words/en.ts";
import { es } from "./words/es.ts";
import { pt } from "./words/pt.ts";

/** What stands in the page's `<style>`. */
export const style: string = css;

export const WORDS: Readonly<Record<Language, Words>> = { es, pt, en };

/**
 * The whole page, as it is read without scripts.
 * @param script where the page's script is
 */
export function renderPage(shown: Shown, script: string): string {
  const page = renderToString(<Page view={createView(shown)} />);
  // Only this can end a script element, or begin a comment in it.
  const data = JSON.stringify(shown).replaceAll("<", "\\u003c");
  return `<!doctype html>
<html lang="${shown.lang}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex">
<title>${shown.words.title}</title>
<link rel="icon" href="data:,">
<style>${css}</style>
<div id="page">${page}</div>
<script type="application/json" id="shown">${data}</script>
<script type="module" src="${script}"></script>
</html>
`;
}
