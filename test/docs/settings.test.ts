import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { PROBLEMS } from "../../server/problems.ts";
import { LISTENER } from "../../server/settings/listener-options.ts";
import type { Setting } from "../../server/settings/setting.ts";
import { OPTIONS } from "../../server/settings/table.ts";
import { settingsTable, withSettingsTable } from "./settings-table.ts";

const ROOT = new URL("../../", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, ROOT), "utf8");
const settings = Object.values<Setting>({ ...OPTIONS, ...LISTENER });
const known = new Set(
  settings.flatMap(({ variable, file }) =>
    variable ? [variable, ...(file ? [`${variable}_FILE`] : [])] : [],
  ),
);

/** Settings of the tests, and one that a page of the docs makes up. */
const NOT_OURS = /^VAMBE_TEST_/;
const namedIn = (text: string) =>
  [...text.matchAll(/\bVAMBE_[A-Z_]+[A-Z]\b/g)].map(([name]) => name).filter((name) => !NOT_OURS.test(name));

test("the table of settings is the server's own (`npm run docs` writes it anew)", () => {
  const page = read("docs/reference/settings.md");
  expect(page).toContain("<!-- settings -->");
  expect(withSettingsTable(page)).toBe(page);
});

test("every variable has its line in the table", () => {
  for (const { variable, doc } of settings) {
    if (variable === undefined) continue;
    expect([variable, doc]).toEqual([variable, expect.stringMatching(/\w/)]);
    expect(settingsTable()).toContain(`| \`${variable}\` | ${doc}`);
  }
});

test("no text speaks of a variable that there is not", () => {
  const docs = readdirSync(new URL("docs/", ROOT), { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".md"),
  );
  for (const page of ["README.md", ...docs.map((name) => `docs/${name}`)]) {
    expect([page, namedIn(read(page)).filter((name) => !known.has(name))]).toEqual([page, []]);
  }
  for (const [slug, problem] of Object.entries(PROBLEMS)) {
    expect([slug, namedIn(problem.remedy).filter((name) => !known.has(name))]).toEqual([slug, []]);
  }
});
