import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CircuitBreaker } from "../../../server/delivery/circuit-breaker.ts";
import type { Verdict } from "../../../server/vambe/client.ts";

const confirmed: Verdict = { kind: "confirmed", contactId: undefined };
const refused: Verdict = { kind: "refused", status: 400, namedFields: [] };
const failed: Verdict = { kind: "failed", cause: "500" };
const unauthorized: Verdict = { kind: "unauthorized", status: 401 };
const busy = (retryAfterMs?: number): Verdict => ({ kind: "busy", status: 429, retryAfterMs });

describe("the circuit breaker", () => {
  test("is closed at first, and one failure or two do not open it", () => {
    const breaker = new CircuitBreaker();
    expect(breaker.openFor(0)).toBe(0);
    breaker.report(failed, 0);
    breaker.report(failed, 0);
    expect([breaker.openFor(0), breaker.probing]).toEqual([0, false]);
  });

  test("opens after three failures in a row, and then lets one through at a time", () => {
    const breaker = new CircuitBreaker();
    for (let call = 0; call < 3; call++) breaker.report(failed, 0);
    expect(breaker.openFor(0)).toBeGreaterThan(0);
    expect(breaker.openFor(60_000)).toBe(0);
    expect(breaker.probing).toBe(true);
  });

  test("a success in between starts the count again", () => {
    const breaker = new CircuitBreaker();
    for (const verdict of [failed, failed, confirmed, failed, failed]) breaker.report(verdict, 0);
    expect(breaker.openFor(0)).toBe(0);
  });

  test.each([unauthorized, busy(), busy(0), busy(5000)])("opens at once for %o", (verdict) => {
    const breaker = new CircuitBreaker();
    breaker.report(verdict, 0);
    expect(breaker.openFor(0)).toBeGreaterThan(0);
    expect(breaker.probing).toBe(true);
  });

  test("stays open as long as Vambe asks", () => {
    const breaker = new CircuitBreaker();
    breaker.report(busy(5000), 100);
    expect(breaker.openFor(100)).toBeGreaterThanOrEqual(5000);
  });

  test.each([confirmed, refused])("closes with the first call that Vambe deals with: %o", (verdict) => {
    const breaker = new CircuitBreaker();
    breaker.report(unauthorized, 0);
    expect(breaker.report(verdict, 1)).toBe(true);
    expect([breaker.openFor(1), breaker.probing]).toEqual([0, false]);
    expect(breaker.report(verdict, 2)).toBe(false);
  });

  test("a late failure of a call from before does not shorten the pause that Vambe asked for", () => {
    const breaker = new CircuitBreaker();
    breaker.report(busy(300_000), 0);
    breaker.report(failed, 1);
    expect(breaker.openFor(1)).toBeGreaterThan(250_000);
  });

  test("16 calls that were under way together and all failed are one outage, which has only begun", () => {
    for (let outage = 0; outage < 30; outage++) {
      const breaker = new CircuitBreaker();
      for (let call = 0; call < 16; call++) breaker.report(failed, call);
      expect(breaker.openFor(16)).toBeLessThan(5000);
    }
  });

  test("never opens for longer than ten minutes, nor for a time that is no number", () => {
    const verdicts = fc.oneof(
      fc.constantFrom(confirmed, refused, failed, unauthorized, busy()),
      fc.integer({ min: 0, max: 600_000 }).map(busy),
    );
    fc.assert(
      fc.property(fc.array(verdicts, { maxLength: 200 }), (all) => {
        const breaker = new CircuitBreaker();
        for (const verdict of all) breaker.report(verdict, 0);
        expect(breaker.openFor(0)).toBeGreaterThanOrEqual(0);
        expect(breaker.openFor(0)).toBeLessThanOrEqual(600_000);
      }),
    );
  });
});
