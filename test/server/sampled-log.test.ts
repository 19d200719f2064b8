import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createLog } from "../../server/log.ts";
import { sampleLog } from "../../server/sampled-log.ts";

const lines: Record<string, unknown>[] = [];
const sampled = () => sampleLog(createLog((line) => lines.push(JSON.parse(line))));

beforeEach(() => {
  lines.length = 0;
  vi.useFakeTimers();
});
afterEach(() => void vi.useRealTimers());

test("sixty of a kind are written a minute, then how many more there were, with what they have in common", () => {
  const log = sampled();
  for (let n = 0; n < 100; n++) {
    log.warn("refused", {
      problem: "not-json",
      status: 415,
      network: "192.0.2.0/24",
      origin: `https://${n}.x`,
    });
    log.info("identified");
  }
  const refused = () => lines.filter(({ level }) => level === "warn");
  expect(refused().length).toBe(60);
  expect(lines.length).toBe(160);
  vi.advanceTimersByTime(60_000);
  expect(refused().at(-1)).toEqual({
    time: expect.any(String),
    level: "warn",
    event: "refused (the rest, in one line)",
    problem: "not-json",
    status: 415,
    network: "192.0.2.0/24",
    count: 40,
  });
  log.warn("refused", { problem: "not-json" });
  expect(refused().length).toBe(62);
});

test("each kind for itself, and nothing is said of what was not left out", () => {
  const log = sampled();
  for (let n = 0; n < 61; n++) log.warn("refused", { problem: "not-json" });
  log.warn("refused", { problem: "proof-missing" });
  log.error("internal error");
  expect(lines.length).toBe(62);
  vi.advanceTimersByTime(60_000);
  expect(lines.length).toBe(63);
  expect(lines.at(-1)).toMatchObject({ problem: "not-json", count: 1 });
  vi.advanceTimersByTime(600_000);
  expect(lines.length).toBe(63);
});

test("at the end the counts are written, once", () => {
  const log = sampled();
  for (let n = 0; n < 70; n++) log.error("internal error");
  log.flush();
  expect(lines.at(-1)).toMatchObject({ level: "error", count: 10 });
  vi.advanceTimersByTime(60_000);
  log.flush();
  expect(lines.length).toBe(61);
});

test("where one is the most: the first of each status, setting and field, then one line for the rest, with the cause where all had the same", () => {
  const log = sampleLog(
    createLog((line) => lines.push(JSON.parse(line))),
    1,
  );
  for (const field of ["plan", "company"])
    for (let n = 0; n < 3; n++)
      log.warn("missing", { field, cause: field === "plan" ? `request ${n}` : "gone" });
  log.error("rejected", { upstream: 400 });
  log.error("rejected", { upstream: 422 });
  expect(lines.length).toBe(4);
  log.flush();
  expect(lines.slice(4)).toMatchObject([
    { event: "missing (the rest, in one line)", field: "plan", count: 2 },
    { event: "missing (the rest, in one line)", field: "company", cause: "gone", count: 2 },
  ]);
  expect(lines[4]).not.toHaveProperty("cause");
});

test("of all kinds together a few a second are written, of each its first ones, and all others are counted", () => {
  const log = sampled();
  const problems = Array.from({ length: 20 }, (_, number) => `problem-${number}`);
  for (let n = 0; n < 50; n++) for (const problem of problems) log.warn("refused", { problem });
  expect(lines.length).toBeLessThanOrEqual(240);
  for (const problem of problems)
    expect(lines.filter((line) => line.problem === problem).length).toBeGreaterThan(2);
  log.flush();
  const told = lines.reduce((sum, { count = 1 }) => sum + Number(count), 0);
  expect(told).toBe(1000);
  vi.advanceTimersByTime(60_000);
  lines.length = 0;
  for (let n = 0; n < 50; n++) log.warn("refused", { problem: "late" });
  expect(lines.length).toBe(50);
});
