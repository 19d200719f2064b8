import { describe, expect, test } from "vitest";
import { shareProven } from "../../../server/enforcement/share-proven.ts";
import type { IdentifyCount } from "../../../server/ledger/contract/identify-counts.ts";

const HOUR = Date.parse("2026-03-01T12:00:00Z");
const [shop, help, blog] = [
  "https://shop.example.com",
  "https://help.example.com",
  "https://blog.example.com",
];
const identified = (origin: string, how: string, count: number, hour = HOUR): IdentifyCount => ({
  hour,
  origin,
  outcome: "identified",
  how,
  count,
});
const refused = (origin: string, how: string, count: number): IdentifyCount => ({
  ...identified(origin, how, count),
  outcome: "refused",
});

describe("the share of proven identifies", () => {
  test("is that of those who were identified, of every hour, origin and kind of proof", () => {
    const share = shareProven([
      identified(shop, "jwt", 900, HOUR - 3600_000),
      identified(shop, "session", 87),
      identified(help, "none", 10),
      identified(blog, "none", 3),
      refused(shop, "proof-expired", 5),
      refused(blog, "proof-missing", 70),
      refused(shop, "proof-expired", 1),
    ]);
    expect(share).toEqual({
      identifies: 1000,
      proven: 987,
      percent: 98.7,
      without: [help, blog],
      origins: [
        { origin: shop, identifies: 987, proven: 987 },
        { origin: help, identifies: 10, proven: 0 },
        { origin: blog, identifies: 3, proven: 0 },
      ],
      refusals: [
        { slug: "proof-missing", count: 70, origin: blog },
        { slug: "proof-expired", count: 6, origin: shop },
      ],
    });
  });

  test("does not name an origin that sends some proofs among those that send none", () => {
    const share = shareProven([identified(shop, "jwt", 1), identified(shop, "none", 99)]);
    expect(share).toMatchObject({ percent: 1, without: [] });
  });

  test("is 100 only where all were proven", () => {
    expect(shareProven([identified(shop, "jwt", 99_999), identified(shop, "none", 1)]).percent).toBe(99.9);
    expect(shareProven([identified(shop, "jwt", 3)]).percent).toBe(100);
  });

  test("is unknown where nobody was identified", () => {
    expect(shareProven([])).toMatchObject({ identifies: 0, percent: undefined, without: [] });
    expect(shareProven([refused(shop, "proof-missing", 4)])).toMatchObject({
      percent: undefined,
      without: [],
    });
  });
});
