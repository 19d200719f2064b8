import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { anchorsOf, type CodeBlock, linksIn, type Section, sectionsOf } from "./page-parts.ts";

/** A page in another language says what the English one says: who changes one of them has to change the other. */
const TRANSLATIONS: readonly [english: string, translation: string][] = [
  ["README.md", "README.es.md"],
  ["README.md", "README.pt.md"],
  ["docs/deploy.md", "docs/es/deploy.md"],
  ["docs/webchat.md", "docs/es/webchat.md"],
];

const ROOT = new URL("../../", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, ROOT), "utf8");
/** `es` of `docs/es/webchat.md` and of `README.es.md`. */
const languageOf = (path: string) => /\b(es|pt)(?=\/|\.md$)/.exec(path)?.[1] ?? "en";
const englishOf = (path: string) => TRANSLATIONS.find(([, translation]) => translation === path)?.[0] ?? path;
/** A page in each of its languages. */
const versionsOf = (english: string) => [
  english,
  ...TRANSLATIONS.filter(([page]) => page === english).map(([, translation]) => translation),
];

describe.each(TRANSLATIONS)("%s and %s", (english, translation) => {
  const pages = [english, translation].map((path) => ({ path, sections: sectionsOf(read(path)) }));
  /** The same of each page, section by section, under the names of the English one. */
  const compare = (of: (section: Section, path: string) => unknown) => {
    const [wanted, found] = pages.map(({ path, sections }) =>
      sections.map((section, at) => [pages[0]?.sections[at]?.heading, of(section, path)]),
    );
    expect(found).toEqual(wanted);
  };

  test("have the same headings", () => {
    expect(pages[0]?.sections.length).toBeGreaterThan(3);
    compare(({ level }) => level);
  });

  test("have the same paragraphs, steps and tables", () => {
    compare(({ lines }) => lines.map(kindOf));
  });

  test("have the same code; its comments may be in the page's language", () => {
    compare(({ code }) => code.map(withoutComments));
  });

  test("name the same settings, commands and other code", () => {
    compare(({ heading, lines }) => namesIn([heading, ...lines].join("\n")));
  });

  test("say the same numbers", () => {
    compare(({ lines }) => numbersIn(lines.join("\n")));
  });

  test("lead to the same places", () => {
    compare(({ lines }, path) =>
      [
        ...new Set(
          linksIn(path, lines)
            .filter(({ to, anchor }) => anchor !== undefined || englishOf(to) !== english)
            .map(placeOf),
        ),
      ].sort(),
    );
  });

  test("lead to each other at their top", () => {
    for (const { path, sections } of pages) {
      const top = linksIn(path, sections[1]?.lines.slice(0, 1) ?? []).map(({ to }) => to);
      expect([path, top.sort()]).toEqual([
        path,
        versionsOf(english)
          .filter((other) => other !== path)
          .sort(),
      ]);
    }
  });

  test("have no paragraph in common", () => {
    const lines = pages.map(({ sections }) => sections.flatMap((section) => section.lines));
    const long = lines[0]?.filter((line) => line.replace(/`[^`]*`/g, "").length > 60) ?? [];
    expect(long.length).toBeGreaterThan(3);
    expect(long.filter((line) => lines[1]?.includes(line))).toEqual([]);
  });

  test("the translation leads to pages of its own language, where there are any", () => {
    const own = TRANSLATIONS.filter(([, other]) => languageOf(other) === languageOf(translation));
    const links = pages[1]?.sections.flatMap(({ lines }) => linksIn(translation, lines)) ?? [];
    const strays = links.filter(({ to }) => to !== english && own.some(([page]) => page === to));
    expect(strays).toEqual([]);
  });
});

test("every page in another language is compared with the English one", () => {
  const all = [...readdirSync(ROOT), ...readdirSync(new URL("docs/", ROOT), { recursive: true })]
    .map(String)
    .filter((name) => name.endsWith(".md") && languageOf(name) !== "en");
  const paths = all.map((name) => (name.includes("/") ? `docs/${name}` : name));
  expect(paths.sort()).toEqual(TRANSLATIONS.map(([, translation]) => translation).sort());
});

function kindOf(line: string): string {
  if (line.startsWith("|")) return `row of ${line.replace(/`[^`]*`/g, "").split("|").length - 2}`;
  return /^ *(\d+\.|[-*]) /.exec(line)?.[1] ?? (line.startsWith("<!--") ? line : "paragraph");
}

/** That there is a comment counts, and not what it says. */
const withoutComments = ({ language, text }: CodeBlock) => [
  language,
  text
    .replace(/<!--.*?-->/gs, "<!-- … -->")
    .replace(/(^|\s+)(#|\/\/)(?= ).*$/gm, "$2 …")
    .trimEnd(),
];

const namesIn = (text: string) =>
  [
    ...new Set([...(text.match(/`[^`]+`/g) ?? []), ...(text.match(/\bVAMBE_[A-Z_]+[A-Z](=\w+)?/g) ?? [])]),
  ].sort();

/** 4,000 and 4.000 are the same. */
const numbersIn = (text: string) =>
  [
    ...new Set(
      text
        .replace(/`[^`]*`|\]\([^)]*\)|^ *\d+\. /gm, "")
        .match(/\d+(?:[.,]\d+)*/g)
        ?.map((number) => number.replace(/\D/g, "")),
    ),
  ].sort();

/** A place that is the same in every language: the English page, and which of its headings. */
function placeOf({ to, anchor }: { to: string; anchor: string | undefined }): string {
  if (anchor === undefined || !to.endsWith(".md")) return englishOf(to);
  const at = anchorsOf(read(to)).indexOf(anchor);
  if (at < 0) throw new Error(`${to} has no heading #${anchor}`);
  return `${englishOf(to)}, heading ${at + 1}`;
}
