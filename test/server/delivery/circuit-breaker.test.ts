import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CircuitBreaker } from "../../../server/delivery/circuit-breaker.ts";
import type { Verdict } from "../../../server/vambe/verdict.ts";

const confirmed: Verdict = { kind: "confirmed", contactId: undefined };
const refused: Verdict = { kind: "refused", status: 400, namedFields: [] };
const failed: Verdict = { kind: "failed", cause: "500" };
const unauthorized: Verdict = { kind: "unauthorized", status: 401 };
const busy = (retryAfterMs?: number): Verdict => ({ kind: "busy", status: 429, retryAfterMs });

/** A breaker, and what it made of outcomes at the time 0, each of another user. */
function breakerAfter(...verdicts: Verdict[]) {
  const breaker = new CircuitBreaker();
  const said = verdicts.map((verdict, user) => breaker.report(`user ${user}`, verdict, 0));
  return { breaker, said };
}

describe("the circuit breaker", () => {
  test("is closed at first, and the failures of two users do not open it", () => {
    const { breaker, said } = breakerAfter(failed, failed);
    expect([breaker.openFor(0), breaker.probing, breaker.pause(0)]).toEqual([0, false, undefined]);
    expect(said).toEqual(["suspected", "suspected"]);
  });

  test("opens after failures of three users, and then lets one through at a time", () => {
    const { breaker, said } = breakerAfter(failed, failed, failed);
    expect(said.at(-1)).toBe("paused");
    expect(breaker.openFor(0)).toBeGreaterThan(0);
    expect(breaker.openFor(60_000)).toBe(0);
    expect(breaker.probing).toBe(true);
    expect(breaker.pause(0)).toMatchObject({ because: "failed" });
  });

  test("opens where the key is refused to a second user, and until then lets one through at a time", () => {
    const { breaker } = breakerAfter(unauthorized);
    expect([breaker.openFor(0), breaker.probing, breaker.pause(0)]).toEqual([0, true, undefined]);
    expect(breaker.report("another", unauthorized, 0)).toBe("paused");
    expect(breaker.pause(0)).toMatchObject({ because: "unauthorized" });
  });

  test.each([failed, unauthorized])("one user alone never opens it, however often: %o", (verdict) => {
    const breaker = new CircuitBreaker();
    for (let call = 0; call < 100; call++) expect(breaker.report("u", verdict, call)).toBe("suspected");
    expect(breaker.openFor(100)).toBe(0);
    expect(breaker.pause(100)).toBeUndefined();
  });

  test("a success in between starts the count again", () => {
    const { breaker } = breakerAfter(failed, failed, confirmed, failed, failed);
    expect(breaker.openFor(0)).toBe(0);
    expect(breakerAfter(unauthorized, confirmed, unauthorized).breaker.openFor(0)).toBe(0);
  });

  test("while the key is suspected, another is tried before whoever may be the fault himself", () => {
    const { breaker } = breakerAfter(failed, confirmed, unauthorized);
    expect([...breaker.last(0)].sort()).toEqual(["user 0", "user 2"]);
    breaker.report("user 1", confirmed, 0);
    expect([...breaker.last(0)]).toEqual([]);
  });

  test.each([busy(), busy(0), busy(5000)])("opens at once for %o", (verdict) => {
    const { breaker } = breakerAfter(verdict);
    expect(breaker.openFor(0)).toBeGreaterThan(0);
    expect(breaker.probing).toBe(true);
  });

  test("stays open as long as Vambe asks", () => {
    const breaker = new CircuitBreaker();
    breaker.report("u", busy(5000), 100);
    expect(breaker.openFor(100)).toBeGreaterThanOrEqual(5000);
  });

  test.each([confirmed, refused])("closes with the first call that Vambe deals with: %o", (verdict) => {
    const { breaker } = breakerAfter(unauthorized, unauthorized);
    expect(breaker.report("u", verdict, 1)).toBe("over");
    expect([breaker.openFor(1), breaker.probing]).toEqual([0, false]);
    expect(breaker.report("u", verdict, 2)).toBeUndefined();
  });

  test("waits longer each time that a probe of somebody new fails", () => {
    const { breaker } = breakerAfter(unauthorized, unauthorized);
    let longest = 0;
    for (let probe = 1; probe < 30; probe++) {
      breaker.report(`probe ${probe}`, unauthorized, probe * 100_000);
      longest = Math.max(longest, breaker.openFor(probe * 100_000));
    }
    expect(longest).toBeGreaterThan(10_000);
    expect(longest).toBeLessThan(63_000);
  });

  test("a late failure of a call from before does not shorten the pause that Vambe asked for", () => {
    const { breaker } = breakerAfter(busy(300_000), failed);
    expect(breaker.openFor(1)).toBeGreaterThan(250_000);
  });

  test("16 calls that were under way together and all failed are one outage, which has only begun", () => {
    for (let outage = 0; outage < 30; outage++) {
      const breaker = new CircuitBreaker();
      for (let call = 0; call < 16; call++) breaker.report(`user ${call}`, failed, call);
      expect(breaker.openFor(16)).toBeLessThan(5000);
    }
  });

  test("opens for refusals of three with other contents each, or of five with the same, in a row", () => {
    const refuse = (breaker: CircuitBreaker, user: string, content: string) => {
      breaker.report(user, refused, 0);
      return breaker.refuse(user, refused, content, 0);
    };
    const different = new CircuitBreaker();
    expect(["a", "b", "c"].map((user) => refuse(different, user, user))).toEqual([
      "alone",
      "alone",
      "paused",
    ]);
    expect(different.pause(0)).toMatchObject({ because: "refused" });
    const same = new CircuitBreaker();
    const said = ["a", "b", "c", "d", "e"].map((user) => refuse(same, user, "x"));
    expect(said).toEqual(["alone", "alone", "alone", "alone", "paused"]);
    const taken = new CircuitBreaker();
    for (const user of ["a", "b", "c", "d", "e", "f"]) {
      expect(refuse(taken, user, user)).toBe("alone");
      taken.report("honest", confirmed, 0);
    }
  });

  test("opens for refusals also where an outage before has made all of them doubtful, and nobody was taken since", () => {
    const { breaker } = breakerAfter(failed, failed, failed);
    const said = [0, 1, 2].map((user) => {
      breaker.report(`user ${user}`, refused, 1, 1);
      return breaker.refuse(`user ${user}`, refused, `${user}`, 1, 1);
    });
    expect(said).toEqual(["suspected", "suspected", "paused"]);
  });

  test("stays open for refusals until somebody is taken: that Vambe answers is nothing new", () => {
    const breaker = new CircuitBreaker();
    for (const user of ["a", "b", "c"]) breaker.refuse(user, refused, user, 0);
    expect(breaker.report("d", refused, 1)).toBeUndefined();
    expect(breaker.pause(1)).toMatchObject({ because: "refused" });
    expect(breaker.report("d", confirmed, 2)).toBe("over");
  });

  test("never opens for longer than ten minutes, nor for a time that is no number, and never for one user's failures", () => {
    const verdicts = fc.oneof(
      fc.constantFrom(confirmed, refused, failed, unauthorized, busy()),
      fc.integer({ min: 0, max: 600_000 }).map(busy),
    );
    const users = fc.constantFrom("a", "b", "c", "d", "e");
    fc.assert(
      fc.property(fc.array(fc.tuple(users, verdicts), { maxLength: 200 }), (all) => {
        const breaker = new CircuitBreaker();
        for (const [user, verdict] of all) breaker.report(user, verdict, 0);
        expect(breaker.openFor(0)).toBeGreaterThanOrEqual(0);
        expect(breaker.openFor(0)).toBeLessThanOrEqual(600_000);
      }),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(users, verdicts), { maxLength: 200 }), (all) => {
        const breaker = new CircuitBreaker();
        for (const [user, verdict] of all)
          breaker.report(user, user === "a" && verdict.kind !== "busy" ? verdict : confirmed, 0);
        expect(breaker.pause(0)).toBeUndefined();
      }),
    );
  });
});
