import { describe, expect, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { reply, startUpstream } from "../../support/upstream.ts";
import { startVambe } from "../../support/vambe.ts";
import { LOOP_API_KEY, openLoop } from "./running-loop.ts";

const keysOf = ({ body }: { body: string }): string[] =>
  (JSON.parse(body).custom_field_values ?? []).map(({ key }: { key: string }) => key);

describe.concurrent("a custom field that is listed no more", () => {
  test("takes its withheld values and its probes along, without a call, however slow the pace", async () => {
    await using vambe = await startVambe({ apiKey: LOOP_API_KEY, fields: [{ key: "plan" }] });
    await using loop = openLoop(vambe.url, { maxRate: 20 });
    loop.start();
    const ids = Array.from({ length: 10 }, (_, number) => `u${number}`);
    for (const id of ids) await loop.identify(id, { name: id, "field:tier": "gold" });
    expect(await loop.ledger.outbox()).toMatchObject({ withheld: 10 });
    const calls = vambe.standIn.upserts().length;
    await loop.restart({ lists: (key) => key !== "tier" });
    await eventually(
      "nothing waits",
      async () => (await loop.ledger.outbox()).withheld + (await loop.ledger.outbox()).pending === 0,
    );
    await eventually("nothing is looked for", async () => (await loop.ledger.missingFields()).length === 0);
    expect(vambe.standIn.upserts().length).toBe(calls);
    // What Vambe has confirmed stays known.
    for (const id of ids) expect(await loop.identify(id, { name: id })).toBe("unchanged");
  });

  test("leaves another missing field's values where they are", async () => {
    await using vambe = await startVambe({ apiKey: LOOP_API_KEY, fields: [] });
    await using loop = openLoop(vambe.url);
    loop.start();
    await loop.identify("u", { name: "Jane", "field:tier": "gold", "field:plan": "pro" });
    await loop.restart({ lists: (key) => key !== "tier" });
    await eventually("it is let go of", async () =>
      (await loop.ledger.entries({ limit: 9 })).every(({ traits }) => !traits.includes("field:tier")),
    );
    expect(await loop.ledger.entries({ limit: 9 })).toMatchObject([
      { state: "withheld", traits: ["field:plan"] },
    ]);
  });

  test("does not leave with what waited for other reasons", async () => {
    await using upstream = await startUpstream(reply(201));
    await using loop = openLoop(upstream.url);
    await loop.leave("both", { name: "Jane", "field:tier": "gold", "field:plan": "pro" });
    await loop.leave("only", { "field:tier": "gold" });
    await loop.restart({ lists: (key) => key !== "tier" });
    await eventually("nothing waits", async () => (await loop.ledger.outbox()).pending === 0);
    expect(upstream.seen.map(keysOf)).toEqual([["plan"]]);
    expect(await loop.ledger.outbox()).toEqual({ pending: 0, withheld: 0, rejected: 0 });
  });
});
