import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SqliteLedger } from "../../../server/ledger/sqlite/ledger.ts";
import { dataKeyOf } from "../../support/data-key.ts";
import { eventually } from "../../support/eventually.ts";
import { createPage } from "../../support/page.ts";
import { reply, startUpstream, type Upstream } from "../../support/upstream.ts";
import { type HealthyWorld, startHealthyWorld } from "./doctor.ts";

let upstream: Upstream;
let world: HealthyWorld;
beforeAll(async () => {
  upstream = await startUpstream((socket, seen) => {
    const { head, body } = seen;
    if (head.startsWith("GET "))
      return reply(200, "[]", { "content-type": "application/json" })(socket, seen);
    if (body.includes("Rivera")) return reply(400, "contact_name is offensive")(socket, seen);
    if (body.includes('"key":"plan"')) return reply(400, "custom field plan is unknown")(socket, seen);
    return reply(201)(socket, seen);
  });
  world = await startHealthyWorld({}, { apiUrl: upstream.url });
  const page = createPage(world.exchange.url, "http://localhost:3000");
  for (const [id, traits] of Object.entries({
    rita: { name: "Ana Rivera" },
    "user-of-w": { plan: "premium-of-wim" },
  })) {
    await page.identify({ id }, world.proofFor(id, traits));
  }
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await upstream.close();
});

describe("what waits for Vambe", () => {
  test("rejected rows and missing fields are told of in Vambe's words, and by no name", async () => {
    await eventually("both have been refused", async () => {
      const { lines } = await world.doctor();
      return ["rejected", "custom fields"].every((name) => lines.some((line) => line.name === name));
    });
    const { code, shows, text } = await world.doctor();
    expect(code).toBe(1);
    shows(
      "!",
      "rejected",
      /^1 row waits for a person.* for good: refused \(400\): contact_name is offensive \(1\)$/,
      /outbox retry/,
    );
    shows("!", "custom fields", /no custom field plan; 1 row waits for it/, /Vambe's dashboard/);
    expect(text).not.toMatch(/Rivera|premium-of-wim|user-of-/);
  });

  test("what is old, and what belongs to another channel, is told of while no exchange runs", async () => {
    await world.exchange.stop();
    const ledger = new SqliteLedger(world.database, dataKeyOf("key"), undefined);
    const old = Date.now() - 300_000;
    const other = "99999999-2222-4333-8444-555555555555";
    const claim = { userId: "old", traits: { name: "x" }, verified: true };
    await ledger.record({ ...claim, channelId: world.channelId }, old);
    await ledger.record({ ...claim, channelId: other }, old);
    await ledger.close();
    const { shows } = await world.doctor();
    shows(
      "!",
      "waiting",
      /^2 rows wait for their turn, the oldest since (30\d|3[1-9]\d) s; the last errors: not tried yet \(2\)/,
      /whether an exchange runs/,
    );
    shows("!", "other channels", new RegExp(`1 row waits of other channels .*${other}`), /VAMBE_CHANNEL_ID/);
    shows("–", "served", /no exchange delivers/);
    shows("✗", "public URL", /nobody listens there/, /./);
  });
});
