import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { OwnPace, OwnTurns, type Pace, SharedPace } from "../../../server/delivery/pace.ts";

const PER_SECOND = 5;
const TURN_MS = 1000 / PER_SECOND;

beforeEach(() => void vi.useFakeTimers({ toFake: ["performance"] }));
afterEach(() => void vi.useRealTimers());

describe.each<[string, (perSecond: number) => Pace]>([
  ["one loop", (perSecond) => new OwnPace(perSecond)],
  ["a loop among several", (perSecond) => new SharedPace(new OwnTurns(), perSecond)],
])("a pace quicker than timers are, of %s", (_, make) => {
  test.each([
    [500, 1],
    [1000, 1],
    [5000, 1],
    [1000, 16],
    [5000, 16],
  ])("is kept: %i a second, %i at once", async (perSecond, most) => {
    const pace = make(perSecond);
    const from = performance.now();
    for (let calls = 0; calls < perSecond; ) {
      const next = await pace.ready(false, most);
      expect(next.calls).toBeLessThanOrEqual(most);
      // A timer ends with a whole millisecond, and then somewhat later.
      if (next.calls === 0) vi.advanceTimersByTime(Math.ceil(next.inMs) + 0.25);
      for (let call = 0; call < next.calls; call++) pace.spend();
      calls += next.calls;
    }
    const seconds = (performance.now() - from) / 1000;
    expect(seconds).toBeGreaterThan(0.97);
    expect(seconds).toBeLessThan(1.03);
  });
});

describe.each<[string, () => Pace]>([
  ["one loop", () => new OwnPace(PER_SECOND)],
  ["a loop among several", () => new SharedPace(new OwnTurns(), PER_SECOND)],
])("the pace of %s", (_, make) => {
  let pace: Pace;
  beforeEach(() => {
    pace = make();
    // Nothing has gone for a while.
    vi.advanceTimersByTime(10 * TURN_MS);
  });

  /** Calls one after the other. @returns when each went out, in turns from the first on */
  async function calls(count: number, { isPage = false, lateMs = 0 } = {}): Promise<number[]> {
    const at: number[] = [];
    while (at.length < count) {
      for (let next = await pace.ready(isPage, 1); next.calls === 0; next = await pace.ready(isPage, 1))
        vi.advanceTimersByTime(Math.ceil(next.inMs));
      vi.advanceTimersByTime(lateMs);
      pace.spend();
      at.push(performance.now());
    }
    return at.map((one) => (one - (at[0] ?? 0)) / TURN_MS);
  }

  test("is even", async () => {
    const [, second = 0, ...others] = await calls(6);
    // After a while without any, half a turn counts for the one before.
    expect(second).toBeCloseTo(0.5);
    expect(others).toEqual([1.5, 2.5, 3.5, 4.5].map((turn) => expect.closeTo(turn)));
  });

  test("is the same in the end where every call comes late, as on a busy machine", async () => {
    const at = await calls(100, { lateMs: TURN_MS / 3 });
    expect(at.at(-1)).toBeGreaterThan(97);
    expect(at.at(-1)).toBeLessThan(100);
  });

  test("lets a page go at once behind a call of the backlog, and has that back", async () => {
    await calls(1);
    const from = performance.now();
    await calls(1, { isPage: true });
    expect(performance.now() - from).toBe(0);
    await calls(1);
    expect((performance.now() - from) / TURN_MS).toBeCloseTo(1.5);
  });

  test("is the same for pages", async () => {
    const at = await calls(50, { isPage: true });
    expect(at.at(-1)).toBeGreaterThan(47);
    expect(at.filter((turn) => turn < 1).length).toBeLessThanOrEqual(3);
  });
});
