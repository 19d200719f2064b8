import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { prelude, recipes } from "./document.ts";
import { isSameEvent, missingLines } from "./values.ts";

const FOLDER = new URL("./", import.meta.url);
const tests = readdirSync(FOLDER)
  .filter((name) => name.endsWith(".test.ts"))
  .map((name) => readFileSync(new URL(name, FOLDER), "utf8"))
  .join("\n");

test("every recipe of docs/operations.md is performed", () => {
  expect(prelude).toContain("/opt/vambe-identity");
  expect(recipes.size).toBeGreaterThan(10);
  for (const title of recipes.keys())
    expect([title, tests.includes(`perform("${title}"`)]).toEqual([title, true]);
});

test("what is seen is what the document shows, times and numbers aside", () => {
  const shown = "STATE    ROWS\npending  0";
  expect(missingLines(shown, "STATE     ROWS\npending   17\nwithheld  0")).toEqual([]);
  expect(missingLines(shown, "pending 17\nSTATE ROWS")).toEqual(["pending  0"]);
  expect(missingLines(shown, "Nothing waits.")).toEqual(["STATE    ROWS", "pending  0"]);
});

test("so is a line of the log, whose version has to be the same", () => {
  const shown = { time: "2026-03-01T12:00:09.377Z", event: "listening", version: "0.1.0", waiting: 0 };
  const said = { ...shown, more: true, time: "2027-01-01T00:00:00.000Z", waiting: 12 };
  expect(isSameEvent(shown, said)).toBe(true);
  for (const change of [{ version: "0.2.0" }, { event: "stopped" }, { waiting: undefined }])
    expect(isSameEvent(shown, { ...said, ...change })).toBe(false);
});
