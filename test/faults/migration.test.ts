import { copyFileSync, readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { signProof } from "../support/proofs.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { startUpstream } from "../support/upstream.ts";
import { startWorld } from "../support/world.ts";
import { recordArrivals } from "./arrivals.ts";

/**
 * `fixtures/ledger-v1.sqlite` was written by the exchange of commit 167db16, the version before this one, with
 * these settings. Its users: `delivered`, `pending` (Vambe said 500), `rejected` (400), and `withheld`, whose
 * custom field `seats` Vambe did not have.
 */
const V1 = {
  VAMBE_API_KEY: "fixture-key",
  VAMBE_CHANNEL_ID: "a1b2c3d4-e5f6-4890-abcd-ef1234567890",
  VAMBE_IDENTITY_SECRET: "fixture-secret-that-is-32-bytes-or-more",
  VAMBE_FIELDS: "plan,seats",
};

const valuesIn = (path: string, query: string) => {
  const db = new DatabaseSync(path);
  const values = db.prepare(query).all();
  db.close();
  return JSON.stringify(values);
};

describe("a database of the version before", () => {
  test("opens, migrates, and loses nothing: what waited is delivered, what was known is known", async () => {
    using folder = temporaryFolder();
    const database = folder.file("ledger.db");
    copyFileSync(new URL("fixtures/ledger-v1.sqlite", import.meta.url), database);
    const SECRETS = "SELECT name, value FROM secret WHERE name = 'signing-keys'";
    const PROOFS = "SELECT id FROM used_proof ORDER BY id";
    const before = [valuesIn(database, SECRETS), valuesIn(database, PROOFS)];
    expect(valuesIn(database, "PRAGMA user_version")).toBe('[{"user_version":1}]');

    const arrivals = recordArrivals();
    await using upstream = await startUpstream(arrivals.take);
    await using world = await startWorld({
      apiUrl: upstream.url,
      environment: { ...V1, VAMBE_DATABASE_URL: `file:${database}` },
    });
    const { exchange, page } = world;
    const outbox = async () => JSON.parse((await page.send("/readyz", {})).text).outbox;
    expect([valuesIn(database, SECRETS), valuesIn(database, PROOFS)]).toEqual(before);
    expect(valuesIn(database, "SELECT key FROM taken_field WHERE key = 'plan'")).toBe('[{"key":"plan"}]');

    const ask = async (id: string, traits: object) =>
      (await page.identify({ id }, signProof(V1.VAMBE_IDENTITY_SECRET, id, { ...traits }))).identity();
    expect(
      await ask("delivered", { name: "Dora Done", email: "dora@example.com", plan: "pro" }),
    ).toMatchObject({
      status: "unchanged",
      ignored: [],
    });
    expect(await ask("withheld", { name: "Wim Withheld", plan: "pro" })).toMatchObject({
      status: "unchanged",
    });
    expect(await ask("rejected", { name: "Rita Rejected" })).toMatchObject({ status: "rejected" });

    await eventually("what waited is delivered", async () => {
      const { pending, withheld } = await outbox();
      return pending + withheld === 0;
    });
    expect(arrivals.contact("pending")).toEqual({
      name: "Pia Pending",
      email: "pia@example.com",
      fields: { plan: "free" },
    });
    expect(arrivals.contact("withheld")).toEqual({ fields: { seats: "12" } });
    expect(arrivals.ids()).toEqual(["pending", "withheld"]);
    expect(await outbox()).toMatchObject({ rejected: 1 });
    expect(await ask("rejected", { name: "Rita Renamed" })).toMatchObject({ status: "delivered" });
    expect(arrivals.contact("rejected")).toEqual({
      name: "Rita Renamed",
      email: "rita@example.com",
      fields: {},
    });
    await exchange.stop();
    // Nothing that had been in the clear is left so.
    expect(readFileSync(database, "latin1")).not.toMatch(/Pending|Withheld|Rejected|Renamed|@example\.com/);
    expect(Number(/\d+/.exec(valuesIn(database, "PRAGMA user_version"))?.[0])).toBeGreaterThan(1);
  });
});
