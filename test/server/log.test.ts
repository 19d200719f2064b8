import { describe, expect, test } from "vitest";
import { createLog } from "../../server/log.ts";

function logged(write: (log: ReturnType<typeof createLog>) => void): string {
  const lines: string[] = [];
  write(createLog((line) => lines.push(line)));
  expect(lines.length).toBe(1);
  return lines[0] ?? "";
}

describe("a line of the log", () => {
  test("is JSON with the time, the level and the event first", () => {
    const line = logged((log) => log.warn("refused", { status: 401, problem: "proof-missing" }));
    expect(Object.keys(JSON.parse(line))).toEqual(["time", "level", "event", "status", "problem"]);
    expect(JSON.parse(line).time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(JSON.parse(line)).toMatchObject({ level: "warn", event: "refused", status: 401 });
  });

  test("stays one line, whatever stands in it", () => {
    const line = logged((log) => log.info("x", { origin: 'https://a\n{"level":"error"}\r\u2028' }));
    expect(line).not.toMatch(/[\n\r]/);
  });

  test("says of an error what kind it is and where, never its message", () => {
    const error = Object.assign(new TypeError("jane@example.com is not iterable"), {
      code: "ERR_X",
      errcode: 13,
    });
    const { cause } = JSON.parse(logged((log) => log.error("internal error", { cause: error })));
    expect(cause).toMatch(/^TypeError ERR_X 13 at .*log\.test\.ts/);
    expect(cause).not.toContain("jane");
  });

  test("says nothing of an error whose message has lines that look like its stack", () => {
    const error = new Error("x\n    at jane@example.com\n    at secret");
    expect(logged((log) => log.error("internal error", { cause: error }))).not.toMatch(/jane|secret/);
  });

  test("says nothing of what was thrown that is no error", () => {
    for (const thrown of [{ email: "jane@example.com" }, ["jane@example.com"], 42, null]) {
      expect(logged((log) => log.error("internal error", { cause: thrown }))).not.toContain("jane");
    }
  });
});
