import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { IdentifyCounter } from "../../../server/enforcement/identify-counter.ts";
import { SqliteLedger } from "../../../server/ledger/sqlite/ledger.ts";
import { createLog } from "../../../server/log.ts";
import type { ProvenBy } from "../../../server/observer.ts";
import { dataKeyOf } from "../../support/data-key.ts";

const NOW = Date.parse("2026-03-01T12:25:00Z");
const SHOP = "https://shop.example.com";

let ledger: SqliteLedger;
let counter: IdentifyCounter;
let logged: string[];
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date", "setInterval", "clearInterval"], now: NOW });
  ledger = new SqliteLedger(":memory:", dataKeyOf("key"), "c");
  logged = [];
  counter = new IdentifyCounter(createLog((line) => logged.push(line)));
});
afterEach(async () => {
  await counter.close();
  await ledger.close();
  vi.useRealTimers();
});

const identified = (provenBy: ProvenBy, origin = SHOP) =>
  counter.identified({
    origin,
    provenBy,
    verified: provenBy !== "none",
    delivery: "unchanged",
    acting: false,
    requestId: "r",
  });
const refused = (problem: string, route = "/identify", origin = SHOP) =>
  counter.answered({ method: "POST", route, status: 401, problem, durationMs: 1, requestId: "r", origin });
const found = async () =>
  (await ledger.identifyCounts(NOW)).map(({ origin, outcome, how, count }) => [origin, outcome, how, count]);

describe("what comes of identifies", () => {
  test("is counted in memory and written every ten seconds", async () => {
    counter.writeTo(ledger);
    for (let load = 0; load < 1000; load++) identified("jwt");
    identified("none");
    refused("proof-expired");
    refused("proof-expired", "/token");
    expect(await found()).toEqual([]);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await found()).toEqual([
      [SHOP, "identified", "jwt", 1000],
      [SHOP, "identified", "none", 1],
      [SHOP, "refused", "proof-expired", 2],
    ]);
  });

  test("does not hold what is about no proof", async () => {
    counter.writeTo(ledger);
    refused("rate-limited");
    refused("invalid-user");
    refused("not-found", "other");
    refused("proof-missing", "/problems/{slug}");
    counter.answered({
      method: "POST",
      route: "/identify",
      status: 200,
      durationMs: 1,
      requestId: "r",
      origin: SHOP,
    });
    await counter.flush();
    expect(await found()).toEqual([]);
  });

  test("before there is a database is written when there is one", async () => {
    identified("jwt");
    await counter.flush();
    counter.writeTo(ledger);
    await counter.flush();
    expect(await found()).toEqual([[SHOP, "identified", "jwt", 1]]);
  });

  test("stays counted where it cannot be written, and is written later, once", async () => {
    counter.writeTo(ledger);
    const { countIdentifies } = ledger;
    ledger.countIdentifies = async () => {
      identified("jwt");
      throw new Error("disk full");
    };
    identified("jwt");
    await counter.flush();
    expect(logged.map((line) => JSON.parse(line))).toMatchObject([
      {
        level: "warn",
        event: expect.stringContaining("could not be written"),
        cause: expect.stringMatching(/^Error/),
      },
    ]);
    ledger.countIdentifies = countIdentifies;
    await counter.flush();
    await counter.flush();
    expect(await found()).toEqual([[SHOP, "identified", "jwt", 2]]);
  });

  test("from origins that somebody makes up fills neither the memory nor the database", async () => {
    counter.writeTo(ledger);
    const write = vi.spyOn(ledger, "countIdentifies");
    for (let load = 0; load < 5000; load++)
      refused("proof-missing", "/identify", `https://${load}.example.com`);
    await counter.flush();
    expect(write.mock.calls[0]?.[0]).toHaveLength(101);
    const counts = await found();
    expect(counts).toHaveLength(101);
    expect(counts.find(([origin]) => origin === "other")?.[3]).toBe(4900);
  });

  test("is not written where nothing has come: an exchange that nobody asks leaves its database in peace", async () => {
    counter.writeTo(ledger);
    const write = vi.spyOn(ledger, "countIdentifies");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(write).not.toHaveBeenCalled();
  });

  test("is written at the end", async () => {
    counter.writeTo(ledger);
    identified("user_hash");
    await counter.close();
    expect(await found()).toEqual([[SHOP, "identified", "user_hash", 1]]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
