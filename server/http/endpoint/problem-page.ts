import { createHash } from "node:crypto";
import { PROBLEMS, type ProblemSlug } from "../../problems.ts";
import type { Endpoint } from "../call.ts";
import { always } from "../page-answers.ts";

const STYLE = `
  :root { color-scheme: light dark }
  body { max-width: 38rem; margin: 12vh auto; padding: 0 1.5rem; font: 1.0625rem/1.6 system-ui, sans-serif }
  p:first-of-type, footer { opacity: .7; font-size: .875rem }
  code { font-family: ui-monospace, monospace; font-size: .9375em; overflow-wrap: anywhere }
  h1 { font-size: 1.75rem; line-height: 1.2; margin: .25rem 0 1rem }
`;

/** Inline style is allowed by its hash; scripts and frames are not allowed at all. */
const POLICY = `default-src 'none'; style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`;

const escapeHtml = (text: string) =>
  text.replace(
    /[&<>"]/g,
    (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[sign] ?? sign,
  );

/** Settings and code stand out: CAPITALS_WITH_UNDERSCORES, `ticks`, header lines and paths. */
const markCode = (html: string) =>
  html
    .replace(/`([^`]+)`/g, "<code>$1</code>")
    .replace(/\b[A-Z]+(?:_[A-Z]+)+(?:=\w+)?\b/g, "<code>$&</code>");

/** `GET` of the page that each problem's `type` leads to: what it means and how to mend it. */
export const problemPages = (): [route: string, Endpoint][] =>
  (Object.keys(PROBLEMS) as ProblemSlug[]).map((slug) => [
    `GET /problems/${slug}`,
    (call) => ({
      status: 200,
      headers: {
        ...always(call),
        "content-type": "text/html; charset=UTF-8",
        "content-security-policy": POLICY,
        "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin",
        "cache-control": "no-cache",
      },
      body: pageOf(slug),
    }),
  ]);

function pageOf(slug: ProblemSlug): string {
  const { status, title, remedy } = PROBLEMS[slug];
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)} – vambe-identity</title>
<style>${STYLE}</style>
<main>
<p><code>${slug}</code> · HTTP ${status}</p>
<h1>${escapeHtml(title)}</h1>
<p>${markCode(escapeHtml(remedy))}</p>
<footer><p>The <code>request_id</code> of the answer stands in the exchange's log too.</p></footer>
</main>
</html>
`;
}
