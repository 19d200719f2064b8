import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { retryAfterMs } from "../../../server/vambe/retry-after.ts";

const NOW = Date.parse("2026-03-01T12:00:00Z");
const TEN_MINUTES = 600_000;

describe("Retry-After", () => {
  test.each([
    ["3", 3000],
    [" 3 ", 3000],
    ["0", 0],
    ["600", TEN_MINUTES],
    ["Sun, 01 Mar 2026 12:00:30 GMT", 30_000],
    ["Sun, 01 Mar 2026 11:00:00 GMT", 0],
  ])("%j means what RFC 9110 says", (header, wait) => {
    expect(retryAfterMs(header, NOW)).toBe(wait);
  });

  test.each(["601", "86400", "99999999999999999999", "9".repeat(400), "Fri, 01 Jan 2100 00:00:00 GMT"])(
    "%j is honoured within reason",
    (header) => {
      expect(retryAfterMs(header, NOW)).toBe(TEN_MINUTES);
    },
  );

  test.each([
    null,
    "",
    "soon",
    "-5",
    "-120",
    "1.5",
    "2.5",
    "5 apples",
    "60 seconds",
    "1e3",
    "0x10",
    "3,3",
    "+3",
    "٣",
  ])("%j makes no sense: it is as good as none", (header) => {
    expect(retryAfterMs(header, NOW)).toBeUndefined();
  });

  test("whatever it says, the wait is between nothing and ten minutes", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."0123456789-+., :GMTSunJan") }), (header) => {
        const wait = retryAfterMs(header, NOW);
        if (wait === undefined) return;
        expect(wait).toBeGreaterThanOrEqual(0);
        expect(wait).toBeLessThanOrEqual(TEN_MINUTES);
      }),
      { numRuns: 2000 },
    );
  });
});
