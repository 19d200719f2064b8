import { describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { type Misbehaviour, reply, startUpstream } from "../support/upstream.ts";
import { startWorld } from "../support/world.ts";
import { recordArrivals } from "./arrivals.ts";
import { identify, readinessOf, untilDelivered } from "./promises.ts";

const json = (body: unknown) =>
  reply(400, JSON.stringify(body), { "content-type": "application/json; charset=utf-8" });

const WORDINGS: [string, Misbehaviour][] = [
  [
    "a sentence with a list",
    json({ statusCode: 400, message: "Custom field definition keys not found: plan" }),
  ],
  [
    "a list of sentences",
    json({
      message: ["custom_field_values.0.key: 'plan' is not a custom field", "see the docs"],
      error: "Bad Request",
    }),
  ],
  [
    "an object of objects",
    json({ errors: { custom_field_values: { plan: ["unknown"] } }, code: "VALIDATION" }),
  ],
  ["JSON that calls itself HTML", reply(400, '"no field plan"', { "content-type": "text/html" })],
  ["another language", reply(422, "El campo personalizado «plan» no existe.")],
  ["no words at all", reply(400)],
];

describe.concurrent("a custom field that Vambe does not have, said in", { timeout: 120_000 }, () => {
  test.each(WORDINGS)(
    "%s: the rest is delivered, the field is named, and sent once it exists",
    async (_, refusal) => {
      const arrivals = recordArrivals();
      await using upstream = await startUpstream((socket, seen) =>
        (seen.body.includes('"key":"plan"') ? refusal : arrivals.take)(socket, seen),
      );
      await using world = await startWorld({ apiUrl: upstream.url });
      for (const id of ["a", "b", "c"]) {
        const answer = await identify(world, id, { name: `Name of ${id}`, plan: `plan of ${id}` });
        expect(answer).toMatchObject({
          status: "delivered",
          applied: ["name"],
          ignored: [{ trait: "plan", reason: "missing-at-vambe" }],
        });
        expect(arrivals.contact(id)).toEqual({ name: `Name of ${id}`, fields: {} });
      }
      // Refused once: the other two have gone without it from the start.
      expect(upstream.seen.length).toBe(4);
      expect((await readinessOf(world)).outbox).toMatchObject({ pending: 0, withheld: 3, rejected: 0 });
      expect(world.exchange.log()).toContainEqual(expect.objectContaining({ level: "warn", field: "plan" }));

      upstream.behave(arrivals.take);
      await eventually("nothing is withheld", async () => (await readinessOf(world)).outbox.withheld === 0, {
        withinMs: 60_000,
        everyMs: 200,
      });
      await untilDelivered(world);
      for (const id of ["a", "b", "c"])
        expect(arrivals.contact(id)).toEqual({ name: `Name of ${id}`, fields: { plan: `plan of ${id}` } });
    },
  );
});

describe.concurrent("401, and then the key is replaced", { timeout: 120_000 }, () => {
  test("deliveries pause, nothing is lost, and a restart with the new key delivers all of it", async () => {
    const arrivals = recordArrivals();
    let good = "";
    await using upstream = await startUpstream((socket, seen) =>
      (seen.head.includes(`x-api-key: ${good}\r\n`) ? arrivals.take : reply(401))(socket, seen),
    );
    await using world = await startWorld({ apiUrl: upstream.url });
    good = world.apiKey;
    expect((await identify(world, "known", { name: "Kim" })).status).toBe("delivered");
    good = "the-new-key";
    for (const id of ["a", "b"])
      expect((await identify(world, id, { name: `Name of ${id}`, plan: "pro" })).status).toBe("queued");
    expect(await readinessOf(world)).toMatchObject({
      status: "ready",
      deliveries: { paused: true, because: "unauthorized" },
    });
    await eventually("the log says why", () =>
      /"level":"error".*VAMBE_API_KEY/.test(world.exchange.output()),
    );

    await world.exchange.restart({ VAMBE_API_KEY: "the-new-key", VAMBE_API_KEY_PREVIOUS: world.apiKey });
    await untilDelivered(world);
    expect(arrivals.ids()).toEqual(["a", "b", "known"]);
    expect(arrivals.contact("b")).toEqual({ name: "Name of b", fields: { plan: "pro" } });
    // With the old one, a look whether it holds again may have come in between.
    expect(upstream.seen.filter(({ head }) => head.includes("x-api-key: the-new-key\r\n"))).toHaveLength(2);
    expect((await identify(world, "a", { name: "Name of a" })).status).toBe("unchanged");
    // It is the account that it was: who was known is known, and nobody is sent twice.
    expect((await identify(world, "known", { name: "Kim" })).status).toBe("unchanged");
    expect(world.exchange.output()).not.toMatch(/the-new-key|Name of/);
  });
});
