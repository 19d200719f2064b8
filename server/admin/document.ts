import { createHash } from "node:crypto";
import { brotliDecompressSync } from "node:zlib";
import { renderPage, style, WORDS } from "#admin-page";
import { script as builtScript } from "#admin-script";
import type { Language } from "../problem-texts/language.ts";
import { problemTexts } from "../problem-texts/texts.ts";
import { FORM_TOKEN } from "./access.ts";
import type { Shown } from "./page/view.ts";

/** The page's script, and where it is. */
export const SCRIPT = { path: "/page.js", code: brotliDecompressSync(Buffer.from(builtScript.br, "base64")) };

/** Nothing but the page's own script, style and forms, and in nobody's frame. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  `style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'`,
  "connect-src 'self'",
  "img-src data:",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join("; ");

/** On every answer. Forms have to say where they come from, so the referrer is kept within the page. */
export const HEADERS = {
  "cache-control": "no-store",
  "content-security-policy": POLICY,
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "same-origin",
  "x-content-type-options": "nosniff",
};

/** The page as a document. */
export async function documentOf(
  shown: Omit<Shown, "words" | "problems" | "formToken" | "lang">,
  lang: Language,
): Promise<string> {
  const problems = await problemTexts(lang);
  return renderPage(
    { ...shown, lang, words: WORDS[lang], problems, formToken: FORM_TOKEN },
    SCRIPT.path.slice(1),
  );
}
