import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Gate } from "../../../server/delivery/circuit-breaker.ts";
import type { Verdict } from "../../../server/vambe/client.ts";

const confirmed: Verdict = { kind: "confirmed", contactId: undefined };
const refused: Verdict = { kind: "refused", status: 400, namedFields: [] };
const failed: Verdict = { kind: "failed", cause: "500" };
const unauthorized: Verdict = { kind: "unauthorized", status: 401 };
const busy = (retryAfterMs?: number): Verdict => ({ kind: "busy", status: 429, retryAfterMs });

describe("the gate", () => {
  test("is open at first, and one failure or two do not close it", () => {
    const gate = new Gate();
    expect(gate.closedFor(0)).toBe(0);
    gate.report(failed, 0);
    gate.report(failed, 0);
    expect([gate.closedFor(0), gate.probing]).toEqual([0, false]);
  });

  test("closes after three failures in a row, and then lets one through at a time", () => {
    const gate = new Gate();
    for (let call = 0; call < 3; call++) gate.report(failed, 0);
    expect(gate.closedFor(0)).toBeGreaterThan(0);
    expect(gate.closedFor(60_000)).toBe(0);
    expect(gate.probing).toBe(true);
  });

  test("a success in between starts the count again", () => {
    const gate = new Gate();
    for (const verdict of [failed, failed, confirmed, failed, failed]) gate.report(verdict, 0);
    expect(gate.closedFor(0)).toBe(0);
  });

  test.each([unauthorized, busy(), busy(0), busy(5000)])("closes at once for %o", (verdict) => {
    const gate = new Gate();
    gate.report(verdict, 0);
    expect(gate.closedFor(0)).toBeGreaterThan(0);
    expect(gate.probing).toBe(true);
  });

  test("stays closed as long as Vambe asks", () => {
    const gate = new Gate();
    gate.report(busy(5000), 100);
    expect(gate.closedFor(100)).toBeGreaterThanOrEqual(5000);
  });

  test.each([confirmed, refused])("opens with the first call that Vambe deals with: %o", (verdict) => {
    const gate = new Gate();
    gate.report(unauthorized, 0);
    expect(gate.report(verdict, 1)).toBe(true);
    expect([gate.closedFor(1), gate.probing]).toEqual([0, false]);
    expect(gate.report(verdict, 2)).toBe(false);
  });

  test("a late failure of a call from before does not shorten the pause that Vambe asked for", () => {
    const gate = new Gate();
    gate.report(busy(300_000), 0);
    gate.report(failed, 1);
    expect(gate.closedFor(1)).toBeGreaterThan(250_000);
  });

  test("16 calls that were under way together and all failed are one outage, which has only begun", () => {
    for (let outage = 0; outage < 30; outage++) {
      const gate = new Gate();
      for (let call = 0; call < 16; call++) gate.report(failed, call);
      expect(gate.closedFor(16)).toBeLessThan(5000);
    }
  });

  test("never closes for longer than ten minutes, nor for a time that is no number", () => {
    const verdicts = fc.oneof(
      fc.constantFrom(confirmed, refused, failed, unauthorized, busy()),
      fc.integer({ min: 0, max: 600_000 }).map(busy),
    );
    fc.assert(
      fc.property(fc.array(verdicts, { maxLength: 200 }), (all) => {
        const gate = new Gate();
        for (const verdict of all) gate.report(verdict, 0);
        expect(gate.closedFor(0)).toBeGreaterThanOrEqual(0);
        expect(gate.closedFor(0)).toBeLessThanOrEqual(600_000);
      }),
    );
  });
});
