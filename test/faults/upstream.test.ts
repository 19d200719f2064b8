import { describe, expect, test } from "vitest";
import { drip, hang, type Misbehaviour, reply, reset, startUpstream, write } from "../support/upstream.ts";
import { startWorld } from "../support/world.ts";
import { recordArrivals } from "./arrivals.ts";
import { identify, readinessOf, untilDelivered } from "./promises.ts";

const person = (id: string, plan = "pro") => ({
  name: `Name of ${id}`,
  email: `${id}@example.com`,
  plan,
});
const html = { "content-type": "text/html" };

/** A byte of the whole answer now and again, from the status line on. */
const dripFromTheStart: Misbehaviour = async (socket, seen) => {
  for (const byte of "HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n") {
    if (socket.destroyed) return;
    await write(byte)(socket, seen);
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
};

describe.concurrent("a Vambe that does not answer as it should", { timeout: 180_000 }, () => {
  const FAULTS: [string, Misbehaviour][] = [
    ["accepts and never answers", hang],
    ["answers a byte a second, from the status line on", dripFromTheStart],
    ["breaks off before it answers", reset()],
    ["breaks off in the headers", reset("HTTP/1.1 201 Created\r\ncontent-le")],
    ["breaks off in the body of an error", reset('HTTP/1.1 500 Oops\r\ncontent-length: 100\r\n\r\n{"mess')],
    ["speaks another protocol", write("SSH-2.0-OpenSSH_9.6\r\n")],
    ["sends on elsewhere", reply(302, "", { location: "https://example.com/" })],
    ["has gone", reply(404, "<h1>Not Found</h1>", html)],
    ["answers 429", reply(429)],
    ["answers 429 with Retry-After in seconds", reply(429, "", { "retry-after": "1" })],
    ["answers 429 with Retry-After as a date", dated(429)],
    ["answers 429 with Retry-After that makes no sense", reply(429, "", { "retry-after": "soon" })],
    ["answers 503 with Retry-After", reply(503, "", { "retry-after": "1" })],
    ["is a login page", reply(200, "<html>Welcome</html>", html)],
    ["is 10 MB of something", reply(201, "x".repeat(10_000_000))],
    ["answers 401", reply(401, '{"message":"Unauthorized"}')],
    ["answers 403", reply(403, "<h1>Forbidden</h1>", html)],
  ];

  test.each(FAULTS)("%s: pages are told `queued`, and all arrives in the end", async (_, fault) => {
    const arrivals = recordArrivals();
    await using upstream = await startUpstream(fault);
    await using world = await startWorld({ apiUrl: upstream.url });
    const ids = ["a", "b", "c", "d"];
    const answers = await Promise.all(ids.map((id) => identify(world, id, person(id, "free"))));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set(["queued"]));
    expect((await identify(world, "a", person("a", "pro"))).status).toBe("queued");
    expect(arrivals.ids()).toEqual([]);

    upstream.behave(arrivals.take);
    await untilDelivered(world);
    expect(arrivals.ids()).toEqual(ids);
    expect(arrivals.contact("a")).toMatchObject({ name: "Name of a", fields: { plan: "pro" } });
    expect(arrivals.contact("d")).toMatchObject({ email: "d@example.com", fields: { plan: "free" } });
    for (const id of ids)
      expect((await identify(world, id, { name: `Name of ${id}` })).status).toBe("unchanged");
    expect(world.exchange.output()).not.toMatch(/Name of|@example\.com/);
  });
});

function dated(status: number): Misbehaviour {
  return (socket, seen) =>
    reply(status, "", { "retry-after": new Date(Date.now() + 1500).toUTCString() })(socket, seen);
}

describe.concurrent("a Vambe that has taken it, and says so in a strange way", { timeout: 120_000 }, () => {
  const ANSWERS: [string, Misbehaviour][] = [
    ["200 empty, as HTML", reply(200, "", html)],
    ["201 empty", reply(201)],
    ["204", reply(204)],
    ["201 with JSON that is none", reply(201, '{"id":', { "content-type": "application/json" })],
    ["201 with 10 MB", reply(201, " ".repeat(10_000_000))],
    ["201, broken off in the body", reset('HTTP/1.1 201 Created\r\ncontent-length: 100\r\n\r\n{"id":')],
    ["201 without an end", write("HTTP/1.1 201 Created\r\ntransfer-encoding: chunked\r\n\r\n")],
    ["201 a byte a second", drip(201, 1000)],
  ];

  test.each(ANSWERS)("%s: it counts as delivered, and is not sent again", async (_, answer) => {
    const arrivals = recordArrivals();
    await using upstream = await startUpstream((socket, seen) => {
      arrivals.note(seen);
      return answer(socket, seen);
    });
    await using world = await startWorld({ apiUrl: upstream.url });
    expect((await identify(world, "a", person("a"))).status).toMatch(/delivered|queued/);
    await untilDelivered(world);
    expect((await identify(world, "a", person("a"))).status).toBe("unchanged");
    expect(arrivals.upserts()).toBe(1);
  });
});

describe.concurrent("a Vambe that asks for more patience than anybody has", () => {
  const IN_A_THOUSAND_YEARS = "Fri, 01 Jan 3026 00:00:00 GMT";
  test.each(["999999999999999999999", "86400", IN_A_THOUSAND_YEARS])(
    "Retry-After: %s",
    async (retryAfter) => {
      await using upstream = await startUpstream(reply(429, "", { "retry-after": retryAfter }));
      await using world = await startWorld({ apiUrl: upstream.url });
      expect((await identify(world, "a", person("a"))).status).toBe("queued");
      const { status, deliveries } = await readinessOf(world);
      expect({ status, deliveries }).toMatchObject({
        status: "ready",
        deliveries: { paused: true, because: "busy" },
      });
      const pause = Date.parse(deliveries.until ?? "") - Date.now();
      expect(pause).toBeGreaterThan(9 * 60_000);
      expect(pause).toBeLessThanOrEqual(10 * 60_000);
      expect(upstream.seen.length).toBe(1);
    },
  );
});
