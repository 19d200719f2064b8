import { afterEach, describe, expect, test, vi } from "vitest";
import { shareProven } from "../../../server/enforcement/share-proven.ts";
import { openExistingLedger } from "../../../server/ledger/open.ts";
import { startObserved } from "../../support/observed-exchange.ts";
import { startPostgres } from "../../support/postgres.ts";
import { ORIGIN } from "../../support/world.ts";

const HOUR = 3600_000;
const HELP = "https://help.example.com";

test("how identifies were proven adds up over all instances, and is there after they have ended", async () => {
  await using postgres = await startPostgres();
  const databaseUrl = await postgres.newDatabase();
  const apiKey = "one-key-for-all-0123456789";
  const settings = { databaseUrl, apiKey, allowedOrigins: [ORIGIN, HELP] };
  {
    await using one = await startObserved([], settings);
    await using other = await startObserved([], { ...settings, allowUnverified: true });
    for (const world of [one, other])
      expect((await world.identify({ user: { id: "u" }, proof: world.proofFor("u") })).status).toBe(200);
    expect((await other.identify({ user: { id: "v" } }, HELP)).status).toBe(200);
    expect((await one.identify({ user: { id: "v" } }, HELP)).status).toBe(401);
    expect((await one.identify({ user: { id: "v" } }, "https://evil.example.net")).status).toBe(403);
  }
  const ledger = await openExistingLedger(databaseUrl);
  const share = shareProven(await ledger.identifyCounts(Date.now() - HOUR));
  await ledger.close();
  expect(share).toMatchObject({
    identifies: 3,
    proven: 2,
    percent: 66.6,
    without: [HELP],
    refusals: [{ slug: "proof-missing", count: 1, origin: HELP }],
  });
});

describe("while ids without a proof are accepted", () => {
  afterEach(() => void vi.useRealTimers());

  /** What an exchange says of it in three hours and a bit, after one identify with a proof and one without. */
  async function saidOfProofs(allowUnverified: boolean): Promise<unknown[]> {
    vi.useFakeTimers({ toFake: ["Date", "setInterval", "clearInterval"] });
    await using world = await startObserved([], { allowUnverified });
    await world.identify({ user: { id: "u" }, proof: world.proofFor("u") });
    await world.identify({ user: { id: "v" } });
    for (let hours = 0; hours < 3; hours++) await vi.advanceTimersByTimeAsync(1.1 * HOUR);
    return [...world.logged("warn"), ...world.logged("info")].filter((line) => "proven_percent" in line);
  }

  test("the exchange says how much was proven", async () => {
    expect(await saidOfProofs(true)).toMatchObject([{ proven_percent: 50, count: 2 }]);
  });

  test("and only then", async () => {
    expect(await saidOfProofs(false)).toEqual([]);
  });
});
