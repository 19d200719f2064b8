import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { messages } from "../../widget/badge/messages.ts";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const docs = read("docs/badge.md");
const css = read("widget/badge/badge.css");
const code = read("widget/badge/badge.tsx") + read("widget/badge/card.tsx");

/** Each different match of the pattern's group, in order. */
const all = (text: string, pattern: RegExp) =>
  [...new Set([...text.matchAll(pattern)].map(([, it]) => it))].sort();

/** The names in backticks of the sentence that begins so. */
const named = (beginning: RegExp) => all(beginning.exec(docs)?.[0] ?? "", /`([\w-]+)`/g);

test("docs/badge.md has every custom property, and no other", () => {
  const property = /--vambe-identity-(\w+)/g;
  expect(all(docs, property)).toEqual(all(css, property));
});

test("docs/badge.md has every part, and no other", () => {
  const parts = all(code, /part=(?:"|\{`)(\w+)/g);
  expect(named(/with `badge`.*?\./)).toEqual(parts);
  expect(parts).toContain("signout");
});

test("docs/badge.md has every word, and says what the states say in English", () => {
  expect(named(/The keys are.*?whole\./)).toEqual(Object.keys(messages.en).sort());
  for (const state of ["working", "known", "verified", "queued", "failed"] as const) {
    expect(docs).toContain(`| \`${state}\` | ${messages.en[state]} |`);
  }
});

test("docs/badge.md has every setting of the tag that the badge reads", () => {
  const [, destructured = ""] = /const \{ (.*?) \} = data;/.exec(code) ?? [];
  const settings = destructured.split(", ").map((name) => name.replace(/ =.*/, ""));
  expect(all(docs, /^\| `data-(\w+)` \|/gm)).toEqual([...settings, "signout"].sort());
});
