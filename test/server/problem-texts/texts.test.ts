import { describe, expect, test } from "vitest";
import { LANGUAGES } from "../../../server/problem-texts/language.ts";
import type { ProblemText } from "../../../server/problem-texts/problem-text.ts";
import { problemTexts } from "../../../server/problem-texts/texts.ts";
import { PROBLEMS, type ProblemSlug } from "../../../server/problems.ts";

const slugs = Object.keys(PROBLEMS) as ProblemSlug[];
const translations = LANGUAGES.filter((language) => language !== "en");

/** What has the same name in every language. */
const NAMES = [
  // Settings, `ticks`, and what stands in straight quotes.
  /\b[A-Z]+(?:_[A-Z]+)+(?:=\w+)?/g,
  /`[^`]+`/g,
  /"[^"]+"/g,
  // Functions and attributes, addresses and paths, media types.
  /\b\w*[a-z][A-Z]\w*\b/g,
  /\bdata-[a-z-]+/g,
  /\b(?:https?|file):\/\/[^\s,)]*/g,
  /(?<=\s)\/[\w.-]+/g,
  /\b(?:application|text)\/\w+/g,
  // Kinds of signatures and tokens, headers and methods.
  /\b(?:JWTs?|JSON|UTF-8|HMAC-SHA256|HS256|RS256|ES256|EdDSA|HTTP|GET|POST|SameSite=\w+|Domain)\b/g,
  /\b(?:ID token|access token|logout token|client id|alg: none|base64|hex|null|Clerk|cookie)/g,
  /\b(?:Content-Type|Retry-After|Allow)\b/g,
  /\b\d+\b/g,
];
const namesIn = ({ title, remedy }: ProblemText) => {
  const text = `${title} ${remedy}`;
  return [...new Set(NAMES.flatMap((name) => text.match(name) ?? []))].sort();
};

describe.each(translations)("in %s", (language) => {
  test("every problem has its own title and remedy, and there is no other", async () => {
    const texts = await problemTexts(language);
    expect(Object.keys(texts).sort()).toEqual([...slugs].sort());
    const all = slugs.flatMap((slug) => [texts[slug].title, texts[slug].remedy]);
    expect(new Set(all).size).toBe(all.length - sameInEnglish());
    for (const slug of slugs) {
      const { title, remedy } = texts[slug];
      expect([slug, title]).not.toEqual([slug, PROBLEMS[slug].title]);
      expect([slug, remedy]).not.toEqual([slug, PROBLEMS[slug].remedy]);
    }
  });

  test.each(slugs)("%s names the same settings, claims, headers, addresses and numbers", async (slug) => {
    expect(namesIn((await problemTexts(language))[slug])).toEqual(namesIn(PROBLEMS[slug]));
  });

  test("no word of English has been left", async () => {
    for (const [slug, { title, remedy }] of Object.entries(await problemTexts(language)))
      expect([slug, `${title} ${remedy}`]).toEqual([
        slug,
        expect.not.stringMatching(/\b(the|of|and|is|are|not|with|has|your|send|set)\b/i),
      ]);
  });

  test("a remedy is whole sentences", async () => {
    for (const [slug, { title, remedy }] of Object.entries(await problemTexts(language))) {
      expect([slug, title]).toEqual([slug, expect.stringMatching(/^\p{Lu}.*[^.\s]$/u)]);
      expect([slug, remedy]).toEqual([slug, expect.stringMatching(/^[\p{Lu}`].*\.$/u)]);
      expect([slug, (remedy.match(/`/g) ?? []).length % 2]).toEqual([slug, 0]);
    }
  });
});

test("in English they are the catalogue's own, which stand in the answers too", async () => {
  expect(await problemTexts("en")).toBe(PROBLEMS);
});

/** Two problems that read the same in English may do so elsewhere. */
function sameInEnglish(): number {
  const all = slugs.flatMap((slug) => [PROBLEMS[slug].title, PROBLEMS[slug].remedy]);
  return all.length - new Set<string>(all).size;
}
