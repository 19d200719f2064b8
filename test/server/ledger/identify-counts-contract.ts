import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Counted, MOST_ORIGINS } from "../../../server/ledger/contract/identify-counts.ts";
import type { Ledger } from "../../../server/ledger/contract/ledger.ts";

const HOUR = 3600_000;
const NOON = Date.parse("2026-03-01T12:00:00Z");
const NOW = NOON + 25 * 60_000;

const shop = "https://shop.example.com";
const proven = (count: number, origin = shop): Counted => ({
  origin,
  outcome: "identified",
  how: "jwt",
  count,
});
const refused = (count: number, how = "proof-expired"): Counted => ({
  origin: shop,
  outcome: "refused",
  how,
  count,
});

/** What every ledger promises of the counts of identifies. `open` gives two ways into one that is empty. */
export function identifyCountsContract(name: string, open: () => Promise<[Ledger, Ledger]>): void {
  describe(`${name} keeps the promises about how identifies were proven:`, () => {
    let ledger: Ledger;
    let other: Ledger;
    beforeEach(async () => {
      [ledger, other] = await open();
    });
    afterEach(async () => {
      await ledger.close();
      if (other !== ledger) await other.close();
    });

    test("they add up from every side, by hours, origins and kinds", async () => {
      expect(await ledger.identifyCounts(0)).toEqual([]);
      await ledger.countIdentifies([], NOW);
      await ledger.countIdentifies([proven(2), refused(1)], NOW);
      await other.countIdentifies([proven(40), refused(3), { ...proven(5), how: "none" }], NOON + HOUR - 1);
      await ledger.countIdentifies([proven(100)], NOON + HOUR);
      expect(await other.identifyCounts(NOON)).toEqual([
        { hour: NOON, ...proven(42) },
        { hour: NOON, ...proven(5), how: "none" },
        { hour: NOON, ...refused(4) },
        { hour: NOON + HOUR, ...proven(100) },
      ]);
    });

    test("of many who count at once nobody is lost", async () => {
      await Promise.all(
        Array.from({ length: 40 }, (_, number) =>
          (number % 2 ? ledger : other).countIdentifies(
            number % 3 ? [proven(1), refused(1)] : [refused(1), proven(1)],
            NOW,
          ),
        ),
      );
      expect((await ledger.identifyCounts(NOON)).map(({ count }) => count)).toEqual([40, 40]);
    });

    test("an hour counts until the whole of it is before the time that is asked for", async () => {
      await ledger.countIdentifies([proven(1)], NOW);
      expect(await ledger.identifyCounts(NOON + HOUR - 1)).toHaveLength(1);
      expect(await ledger.identifyCounts(NOON + HOUR)).toEqual([]);
    });

    test("what is older than a day is deleted with the next count, and so is what a clock that was ahead has left", async () => {
      const counts = async () =>
        (await other.identifyCounts(0)).map(({ hour, count }) => [hour - NOON, count]);
      await ledger.countIdentifies([proven(9)], NOW + 50 * HOUR);
      await ledger.countIdentifies([proven(1)], NOW);
      expect(await counts()).toEqual([[0, 1]]);
      await ledger.countIdentifies([proven(2)], NOW + 24 * HOUR);
      expect(await counts()).toEqual([
        [0, 1],
        [24 * HOUR, 2],
      ]);
      await ledger.countIdentifies([proven(3)], NOW + 25 * HOUR);
      expect(await counts()).toEqual([
        [24 * HOUR, 2],
        [25 * HOUR, 3],
      ]);
    });

    test("past a hundred origins an hour the others are counted as one, whoever writes them", async () => {
      const origins = Array.from({ length: 150 }, (_, number) => `https://${1000 + number}.example.com`);
      await ledger.countIdentifies(
        origins.slice(0, 75).map((origin) => proven(1, origin)),
        NOW,
      );
      await other.countIdentifies(
        origins.slice(75).map((origin) => proven(1, origin)),
        NOW,
      );
      await ledger.countIdentifies([proven(1, origins[0]), proven(1, "https://late.example.com")], NOW);
      const found = await ledger.identifyCounts(NOON);
      expect(found).toHaveLength(MOST_ORIGINS + 1);
      expect(found.find(({ origin }) => origin === origins[0])?.count).toBe(2);
      expect(found.find(({ origin }) => origin === "other")?.count).toBe(51);
      // The next hour has room again.
      await ledger.countIdentifies([proven(1, "https://late.example.com")], NOW + HOUR);
      expect(await ledger.identifyCounts(NOON + HOUR)).toEqual([
        { hour: NOON + HOUR, ...proven(1, "https://late.example.com") },
      ]);
    });
  });
}
