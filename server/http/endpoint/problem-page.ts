import { createHash } from "node:crypto";
import { chosenLanguage, LANGUAGE_NAMES, LANGUAGES, type Language } from "../../problem-texts/language.ts";
import type { ProblemText } from "../../problem-texts/problem-text.ts";
import { problemTexts } from "../../problem-texts/texts.ts";
import { PROBLEMS, type ProblemSlug } from "../../problems.ts";
import type { Endpoint } from "../call.ts";
import { always } from "../page-answers.ts";

const STYLE = `
  :root { color-scheme: light dark; background: Canvas }
  body { max-width: 38rem; margin: 12vh auto; padding: 0 1.5rem; font: 1.0625rem/1.6 system-ui, sans-serif }
  p:first-of-type, footer { font-size: .875rem }
  p:first-of-type { opacity: .7 }
  code { font-family: ui-monospace, monospace; font-size: .9375em; overflow-wrap: anywhere }
  h1 { font-size: 1.75rem; line-height: 1.2; margin: .25rem 0 1rem }
  footer { margin-top: 2rem }
  nav a { display: inline-block; padding: .5rem 1rem .5rem 0; color: inherit }
`;

/** Inline style is allowed by its hash; scripts and frames are not allowed at all. */
const POLICY = `default-src 'none'; style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`;

/** What stands on each of the pages. */
const WORDS: Record<Language, { language: string; log: string }> = {
  es: {
    language: "Idioma",
    log: "El `request_id` de la respuesta también está en el log del exchange.",
  },
  pt: {
    language: "Idioma",
    log: "O `request_id` da resposta também está no log do exchange.",
  },
  en: {
    language: "Language",
    log: "The `request_id` of the answer stands in the exchange's log too.",
  },
};

const escapeHtml = (text: string) =>
  text.replace(
    /[&<>"]/g,
    (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[sign] ?? sign,
  );

/** Settings and code stand out: `ticks`, CAPITALS_WITH_UNDERSCORES, and the tag's attributes. */
const markCode = (html: string) =>
  html
    .replace(/`([^`]+)`/g, "<code>$1</code>")
    .replace(/\b[A-Z]+(?:_[A-Z]+)+(?:=\w+)?\b|\bdata-[a-z]+(?:=&quot;\w+&quot;)?/g, "<code>$&</code>");

/**
 * `GET` of the page that each problem's `type` leads to: what it means and how to mend it, in the reader's language,
 * or in that of `?lang=`.
 */
export const problemPages = (): [route: string, Endpoint][] =>
  (Object.keys(PROBLEMS) as ProblemSlug[]).map((slug) => [
    `GET /problems/${slug}`,
    async (call) => {
      const language = chosenLanguage(call.query().get("lang"), call.headers.get("accept-language"));
      const text = (await problemTexts(language))[slug];
      return {
        status: 200,
        headers: {
          ...always(call),
          "content-type": "text/html; charset=UTF-8",
          "content-language": language,
          "content-security-policy": POLICY,
          "referrer-policy": "no-referrer",
          "cross-origin-opener-policy": "same-origin",
          "cache-control": "no-cache",
          vary: "Accept-Language",
        },
        body: pageOf(slug, text, language),
      };
    },
  ]);

function pageOf(slug: ProblemSlug, { title, remedy }: ProblemText, language: Language): string {
  const words = WORDS[language];
  return `<!doctype html>
<html lang="${language}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)} – vambe-identity</title>
<style>${STYLE}</style>
<main>
<p><code>${slug}</code> · HTTP ${PROBLEMS[slug].status}</p>
<h1>${escapeHtml(title)}</h1>
<p>${markCode(escapeHtml(remedy))}</p>
<footer>
<p>${markCode(words.log)}</p>
<nav aria-label="${words.language}">${LANGUAGES.filter((other) => other !== language)
    .map(linkTo)
    .join("")}</nav>
</footer>
</main>
</html>
`;
}

/** A query alone: it leads to the page's own address, whatever proxies have made of that. */
const linkTo = (language: Language) =>
  `<a href="?lang=${language}" hreflang="${language}" lang="${language}">${LANGUAGE_NAMES[language]}</a>`;
