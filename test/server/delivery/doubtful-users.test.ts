import { describe, expect, test } from "vitest";
import { CircuitBreaker } from "../../../server/delivery/circuit-breaker.ts";
import type { Verdict } from "../../../server/vambe/verdict.ts";

const HOUR_MS = 3600_000;
const confirmed: Verdict = { kind: "confirmed", contactId: undefined };
const failed: Verdict = { kind: "failed", cause: "500" };
const unauthorized: Verdict = { kind: "unauthorized", status: 403 };
const busy: Verdict = { kind: "busy", status: 429, retryAfterMs: 60_000 };

/** A breaker that two users have tripped, and a third has closed again. */
function breakerThatTwoHaveTripped() {
  const breaker = new CircuitBreaker();
  breaker.report("bad", unauthorized, 0);
  expect(breaker.report("worse", unauthorized, 0)).toBe("paused");
  expect(breaker.report("honest", confirmed, 0)).toBe("over");
  return breaker;
}

describe("users that have failed where others succeeded", () => {
  test.each([unauthorized, failed])(
    "pause nobody for an hour, whatever else they send in between: %o",
    (verdict) => {
      const breaker = breakerThatTwoHaveTripped();
      for (let now = 1; now < HOUR_MS; now += HOUR_MS / 100) {
        for (const user of ["bad", "worse"]) {
          expect(breaker.report(user, verdict, now)).not.toBe("paused");
          expect(breaker.openFor(now)).toBe(0);
        }
        for (const user of ["bad", "worse"]) breaker.report(user, confirmed, now);
      }
      expect(breaker.pause(HOUR_MS)).toBeUndefined();
    },
  );

  test("count again an hour after they have failed last", () => {
    const breaker = breakerThatTwoHaveTripped();
    breaker.report("bad", unauthorized, HOUR_MS + 1);
    expect(breaker.report("worse", unauthorized, HOUR_MS + 1)).toBe("paused");
  });

  test("are told from an outage: where nobody has succeeded since, nobody knows whether the others would", () => {
    const breaker = breakerThatTwoHaveTripped();
    expect(breaker.report("bad", unauthorized, 1)).toBe("alone");
    expect(breaker.report("bad", unauthorized, 2)).toBe("suspected");
    breaker.report("honest", confirmed, 3);
    expect(breaker.report("bad", unauthorized, 4)).toBe("alone");
  });

  test("are held back among themselves, longer and longer, until anybody succeeds; the others are not", () => {
    const breaker = breakerThatTwoHaveTripped();
    let longest = 0;
    let now = 0;
    for (let call = 0; call < 40; call++) {
      now += breaker.heldFor(now);
      breaker.report(call % 2 ? "bad" : "worse", unauthorized, now);
      longest = Math.max(longest, breaker.heldFor(now));
      expect(breaker.openFor(now)).toBe(0);
    }
    expect(longest).toBeGreaterThan(10_000);
    expect([...breaker.last(now)].sort()).toEqual(["bad", "worse"]);
    breaker.report("honest", confirmed, now);
    expect([breaker.heldFor(now), breaker.holding, breaker.last(now).size]).toEqual([0, false, 0]);
  });
});

describe("users that had failed before this process began", () => {
  test.each([unauthorized, failed])("pause nobody before somebody has failed that had not: %o", (verdict) => {
    const breaker = new CircuitBreaker();
    for (const user of ["a", "b", "c", "d"]) expect(breaker.report(user, verdict, 0, 3)).toBe("suspected");
    expect([breaker.openFor(0), breaker.pause(0), breaker.probing]).toEqual([0, undefined, false]);
    // They are held back, and a visitor is not.
    expect(breaker.heldFor(0)).toBeGreaterThan(0);
    expect(breaker.report("visitor", confirmed, 0)).toBeUndefined();
    expect(breaker.report("a", verdict, 0, 4)).toBe("alone");
  });

  test("and a wrong key is noticed with the second that had not", () => {
    const breaker = new CircuitBreaker();
    for (const user of ["a", "b", "c", "d"]) breaker.report(user, unauthorized, 0, 3);
    breaker.report("visitor", unauthorized, 0, 0);
    expect(breaker.report("another", unauthorized, 0, 0)).toBe("paused");
  });
});

describe("after the pause", () => {
  test("who brought it about does not make it longer, and is held back while others are not", () => {
    const breaker = new CircuitBreaker();
    for (const user of ["bad", "worse"]) breaker.report(user, unauthorized, 0);
    let now = breaker.openFor(0);
    for (let call = 0; call < 40; call++) {
      breaker.report(call % 2 ? "bad" : "worse", unauthorized, now);
      expect(breaker.openFor(now)).toBe(0);
      expect(breaker.heldFor(now)).toBeGreaterThan(0);
      now += breaker.heldFor(now);
    }
    expect(breaker.pause(now)).toMatchObject({ forMs: 0 });
  });
});

describe("429 with Retry-After", () => {
  test("is waited for where it comes to users of an outage that is over", () => {
    const breaker = new CircuitBreaker();
    let now = 0;
    for (let user = 0; user < 120; user++) {
      now += breaker.openFor(now) + 1;
      breaker.report(`user ${user}`, failed, now);
    }
    expect(breaker.report("first", confirmed, now)).toBe("over");
    breaker.report("user 0", busy, now);
    expect(breaker.heldFor(now)).toBeGreaterThanOrEqual(60_000);
    // Whoever is new goes all the same, and shows whether it is about all.
    expect(breaker.openFor(now)).toBe(0);
    expect(breaker.report("visitor", busy, now)).toBe("paused");
    expect(breaker.openFor(now)).toBeGreaterThanOrEqual(60_000);
    expect(breaker.pause(now)).toMatchObject({ because: "busy" });
  });

  test("pauses nobody else where it comes to those alone that have failed where others are taken", () => {
    const breaker = breakerThatTwoHaveTripped();
    for (let now = 1; now < 20; now++) {
      for (const user of ["bad", "worse"]) breaker.report(user, busy, now);
      expect(breaker.openFor(now)).toBe(0);
    }
  });
});
