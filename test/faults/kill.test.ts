import { describe, expect, test } from "vitest";
import { killRounds } from "../soak/kill-rounds.ts";

/** Both die at the same time, so often each. */
const KILLS = 25;

describe.concurrent("kill -9, 50 times at random moments", { timeout: 240_000 }, () => {
  test.each([
    ["one that has SQLite", 1],
    ["one of three on PostgreSQL", 3],
  ])("%s: nothing that was answered is lost, and nothing older comes after newer", async (_, instances) => {
    const { lost, stale, outcomes, upserts } = await killRounds({ instances, users: 12, kills: KILLS });
    expect({ lost, stale }).toEqual({ lost: [], stale: [] });
    expect(Object.keys(outcomes)).toEqual(expect.arrayContaining(["cut off", "delivered"]));
    console.log(`${KILLS} kills, ${upserts} upserts; the answers:`, outcomes);
  });
});
