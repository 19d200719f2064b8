import { describe, expect, test } from "vitest";
import { killRounds } from "../soak/kill-rounds.ts";

/** `npm run soak` does it a thousand times. */
describe.concurrent("kill -9, 30 times at random moments", { timeout: 240_000 }, () => {
  test.each([
    ["one that has SQLite", 1, 20],
    // What a killed one had under way waits for the end of its lease.
    ["one of three on PostgreSQL", 3, 10],
  ])(
    "%s: nothing that was answered is lost, and nothing older comes after newer",
    async (_, instances, kills) => {
      const { lost, stale, outcomes, upserts } = await killRounds({ instances, users: 12, kills });
      expect({ lost, stale }).toEqual({ lost: [], stale: [] });
      expect(Object.keys(outcomes)).toEqual(expect.arrayContaining(["cut off", "delivered"]));
      console.log(`${kills} kills, ${upserts} upserts; the answers:`, outcomes);
    },
  );
});
