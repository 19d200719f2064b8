import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ClaimCache } from "../../../server/claim/claim-cache.ts";
import type { ProvenClaim } from "../../../server/claim/proven-claim.ts";

const NOW = Date.parse("2026-03-01T12:00:00Z");

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW });
});
afterEach(() => {
  vi.useRealTimers();
});

const asked = (text: string, form = "identify") => ({ form, text });

/** What proves a claim; how often it had to, and how often the claim was taken without. */
function counting(until = NOW + 600_000, changes: Partial<ProvenClaim> = {}) {
  const prove = async (): Promise<ProvenClaim> => {
    prove.times += 1;
    return {
      channelId: "channel",
      userId: `${prove.times}`,
      verified: true,
      by: "jwt",
      shown: {},
      traits: {},
      applied: new Map(),
      ignored: [],
      ...changes,
      again: {
        until,
        count: () => {
          prove.counted += 1;
        },
      },
    };
  };
  prove.times = 0;
  prove.counted = 0;
  return prove;
}

describe("a claim that has been proven", () => {
  test("is not proven again until its proof expires, and each time counts as a use of the proof", async () => {
    const seen = new ClaimCache();
    const prove = counting();
    for (let load = 0; load < 5; load++) expect((await seen.get(asked("t"), prove)).userId).toBe("1");
    expect(prove.counted).toBe(4);
    vi.setSystemTime(NOW + 599_999);
    expect((await seen.get(asked("t"), prove)).userId).toBe("1");
    vi.setSystemTime(NOW + 600_000);
    await seen.get(asked("t"), prove);
    await seen.get(asked("t"), prove);
    expect(prove.times).toBe(3);
    expect(seen.size).toBe(0);
  });

  test("says nothing of another text that differs in a letter", async () => {
    const seen = new ClaimCache();
    const prove = counting();
    for (const text of ["a.b.c", "a.b.C", "a.b.c=", " a.b.c", "a.b.c"]) await seen.get(asked(text), prove);
    expect(prove.times).toBe(4);
  });

  test("is proven again where the clock was put back before the first time", async () => {
    const seen = new ClaimCache();
    const prove = counting();
    await seen.get(asked("t"), prove);
    vi.setSystemTime(NOW - 1);
    await seen.get(asked("t"), prove);
    expect(prove.times).toBe(2);
  });

  test("is proven each time where its proof may hold no more the next time, or serves once", async () => {
    const seen = new ClaimCache();
    const prove = counting();
    const once = async () => ({ ...(await prove()), again: undefined });
    for (let load = 0; load < 3; load++) await seen.get(asked("t"), once);
    expect([prove.times, seen.size]).toEqual([3, 0]);
  });

  test("is forgotten with the others when its proof has expired", async () => {
    const seen = new ClaimCache();
    for (let number = 0; number < 100; number++) await seen.get(asked(`t${number}`), counting());
    const good = counting(NOW + 900_000);
    await seen.get(asked("good"), good);
    expect(seen.size).toBe(101);
    vi.setSystemTime(NOW + 700_000);
    await seen.get(asked("new"), counting(NOW + 800_000));
    expect(seen.size).toBe(2);
    await seen.get(asked("good"), good);
    expect(good.times).toBe(1);
  });

  test("says nothing of the same text in another form", async () => {
    const seen = new ClaimCache();
    const prove = counting();
    for (const form of ["identify", "token", "identify"]) await seen.get(asked("t", form), prove);
    expect(prove.times).toBe(2);
  });

  test("is not kept where it came in a very long text", async () => {
    const seen = new ClaimCache();
    await seen.get(asked("x".repeat(4097)), counting());
    expect(seen.size).toBe(0);
    await seen.get(asked("x".repeat(4096)), counting());
    expect(seen.size).toBe(1);
  });

  test("is counted with all that it keeps: none of it is what a visitor can have for nothing", async () => {
    const bytesOf = async (text: string, changes: Partial<ProvenClaim> = {}) => {
      const seen = new ClaimCache();
      await seen.get(asked(text), counting(NOW + 600_000, changes));
      return seen.bytes;
    };
    const plain = await bytesOf("t");
    const fields = Array.from({ length: 50 }, (_, number) => `field:${number}`);
    expect(plain).toBeGreaterThan(0);
    expect(await bytesOf("t".repeat(1001))).toBeGreaterThanOrEqual(plain + 2 * 1000);
    for (const changes of [
      { traits: Object.fromEntries(fields.map((field) => [field, "x"])) },
      { applied: new Map(fields.map((field) => [field, field])) },
      { ignored: fields.map((trait) => ({ trait, reason: "unproven" }) as const) },
    ]) {
      expect(await bytesOf("t", changes)).toBeGreaterThanOrEqual(plain + 50 * 100);
    }
  });
});

test("a claim that is not proven is refused each time", async () => {
  const seen = new ClaimCache();
  let times = 0;
  const refuse = () => {
    times += 1;
    return Promise.reject(new Error("refused"));
  };
  for (let load = 0; load < 3; load++) await expect(seen.get(asked("t"), refuse)).rejects.toThrow("refused");
  expect([times, seen.size]).toEqual([3, 0]);
});
