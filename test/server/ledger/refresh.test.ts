import { describe, expect, test } from "vitest";
import { isRefreshDue } from "../../../server/ledger/refresh.ts";

const DAY = 24 * 3600_000;
const due = (userId: string, confirmedAgoMs: number | undefined, afterMs: number | undefined = 30 * DAY) =>
  isRefreshDue(
    { ...(confirmedAgoMs !== undefined && { confirmedAgoMs }) },
    { channelId: "c", userId },
    afterMs,
  );

describe("a user is sent again", () => {
  test.each([
    ["numbers", (index: number) => `${index}`],
    [
      "UUIDs that differ at the end",
      (index: number) => `a1b2c3d4-e5f6-7890-abcd-${`${index}`.padStart(12, "0")}`,
    ],
    ["emails", (index: number) => `user${index}@example.com`],
  ])("each on a day of his own, evenly over fifteen days: ids that are %s", (_, idOf) => {
    const users = Array.from({ length: 15_000 }, (_, index) => idOf(index));
    expect(users.filter((id) => due(id, 22.5 * DAY))).toEqual([]);
    expect(users.filter((id) => !due(id, 37.5 * DAY + 1))).toEqual([]);
    const perDay = Array.from(
      { length: 15 },
      (_, day) => users.filter((id) => due(id, (23.5 + day) * DAY) && !due(id, (22.5 + day) * DAY)).length,
    );
    for (const users of perDay) {
      expect(users).toBeGreaterThan(850);
      expect(users).toBeLessThan(1150);
    }
  });

  test("never where nothing says after how long, nor for a time that a clock has set into the future", () => {
    expect(due("u", 1000 * DAY, undefined)).toBe(true);
    expect(isRefreshDue({ confirmedAgoMs: 1000 * DAY }, { channelId: "c", userId: "u" }, undefined)).toBe(
      false,
    );
    expect(due("u", undefined)).toBe(false);
    expect(due("u", -365 * DAY)).toBe(false);
  });
});
