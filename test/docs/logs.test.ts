import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { logEvents } from "./log-events.ts";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const [about = "", listed = ""] = read("docs/logs.md").split("## All events");

const declared = /export interface LogFields \{(.*?)\n\}/s.exec(read("server/log.ts"))?.[1] ?? "";
const fields = [...declared.matchAll(/^ {2}(\w+)\?:/gm)].map(([, name]) => name ?? "");
const namesIn = (cell: string) => [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name ?? "");

/** The rows of the tables: `| event | level | fields | … |`. */
const rows = [...listed.matchAll(/^\| (`+) ?(.+?) ?\1 \| ([\w ]+) \| (.*?) \|/gm)].map(
  ([, , event = "", level = "", names = ""]) => ({ event, level, fields: namesIn(names) }),
);
const found = logEvents();

test("every field that a log line can have is described, and no other", () => {
  const described = [...about.matchAll(/^\| (`.*?) \|/gm)].flatMap(([, cell = ""]) => namesIn(cell));
  expect(fields.length).toBeGreaterThan(10);
  expect(described.sort()).toEqual(fields.toSorted());
});

describe("docs/logs.md lists", () => {
  test("each event that the server logs, and no other", () => {
    expect(found.length).toBeGreaterThan(60);
    const events = [...new Set(found.map(({ event }) => event))];
    expect(rows.map(({ event }) => event).sort()).toEqual(events.sort());
  });

  test("each at its level", () => {
    for (const { event, level } of rows) {
      const levels = found.filter((each) => each.event === event).flatMap((each) => each.levels);
      if (levels.length > 0) expect(levels, event).toContain(level);
      else expect(level, event).toBe("as the event");
    }
  });

  test("each with the fields that it is logged with", () => {
    for (const { event, fields: listedHere } of rows) {
      const logged = found.filter((each) => each.event === event).flatMap((each) => each.fields);
      expect(
        logged.filter((name) => fields.includes(name) && !listedHere.includes(name)),
        event,
      ).toEqual([]);
      expect(
        listedHere.filter((name) => !fields.includes(name)),
        event,
      ).toEqual([]);
    }
  });
});
