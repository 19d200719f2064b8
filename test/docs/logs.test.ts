import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

test("every field that a log line can have is described, and no other", () => {
  const declared = /export interface LogFields \{(.*?)\n\}/s.exec(read("server/log.ts"))?.[1] ?? "";
  const fields = [...declared.matchAll(/^ {2}(\w+)\?:/gm)].map(([, name]) => name);
  const rows = [...read("docs/logs.md").matchAll(/^\| (`.*?) \|/gm)].flatMap(([, cell = ""]) =>
    [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name),
  );
  expect(fields.length).toBeGreaterThan(10);
  expect(rows.sort()).toEqual(fields.sort());
});
