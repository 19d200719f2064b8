import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ORIGIN, startWorld, type World } from "../../support/world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld({
    environment: { VAMBE_ALLOWED_ORIGINS: `${ORIGIN},http://localhost:4173,https://xn--tienda-9za.example` },
  });
});
afterAll(() => world[Symbol.asyncDispose]());

const rowsInTheLedger = () => {
  const db = new DatabaseSync(world.database, { readOnly: true });
  const { count } = db.prepare("SELECT count(*) AS count FROM contact").get() ?? {};
  db.close();
  return count;
};
const json = { "content-type": "application/json" };

const FOREIGN: [string, string | undefined][] = [
  ["no origin", undefined],
  ["null, as a sandboxed frame has it", "null"],
  ["an empty one", ""],
  ["another site", "https://evil.example"],
  ["other letters", "https://SHOP.example.com"],
  ["another scheme", "http://shop.example.com"],
  ["another port", "https://shop.example.com:8443"],
  ["the default port, written out", "https://shop.example.com:443"],
  ["a slash at the end", "https://shop.example.com/"],
  ["a site that ends the same", "https://evilshop.example.com"],
  ["a site that begins the same", "https://shop.example.com.evil.example"],
  ["a subdomain", "https://a.shop.example.com"],
  ["the parent domain", "https://example.com"],
  ["a user name in front", "https://shop.example.com@evil.example"],
  ["two of them", `${ORIGIN}, https://evil.example`],
  ["two of them with a blank", `${ORIGIN} https://evil.example`],
  ["letters that look alike", "https://xn--shp-6ka.example.com"],
  ["another port of the same machine", "http://localhost:4174"],
  ["a local file", "file://"],
];

describe.each(FOREIGN)("a page with a foreign origin (%s)", (_, origin) => {
  const headers = { ...json, ...(origin === undefined ? {} : { origin }) };

  test("is refused before anything happens, and cannot read why", async () => {
    const answer = await world.page.identify({ id: "foreign" }, world.proofFor("foreign"), { headers });
    expect(answer.status).toBe(403);
    expect(answer.problem().slug).toBe("origin-not-allowed");
    expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
    expect(answer.headers).toMatchObject({ vary: "Origin", "cache-control": "no-store" });
    expect(rowsInTheLedger()).toBe(0);
    expect(world.vambe.standIn.upserts()).toEqual([]);
  });

  test("is refused in the preflight too", async () => {
    const answer = await world.page.send("/identify", {
      method: "OPTIONS",
      headers: { ...headers, "access-control-request-method": "POST" },
    });
    expect(answer.status).toBe(403);
    expect(Object.keys(answer.headers).filter((name) => name.startsWith("access-control-"))).toEqual([]);
  });
});

test("a foreign origin is refused whatever else is wrong: nothing can be learned", async () => {
  for (const body of ["", "{", "x".repeat(40_000), JSON.stringify({ user: {} })]) {
    const answer = await world.page.send("/identify", {
      method: "POST",
      headers: { ...json, origin: "https://evil.example" },
      body,
    });
    expect(answer.problem().slug).toBe("origin-not-allowed");
  }
});

test("the log names the foreign origin, so that an operator sees which page it is, and no more than an origin", async () => {
  const header = "https://evil.example/?email=jane@example.com";
  await world.page.identify({ id: "u" }, "x", { headers: { ...json, origin: "https://named.example" } });
  await world.page.identify({ id: "u" }, "x", { headers: { ...json, origin: header } });
  await expect.poll(() => world.exchange.output()).toContain('"origin":"malformed"');
  expect(world.exchange.output()).toContain('"origin":"https://named.example"');
  expect(world.exchange.output()).not.toContain("jane@example.com");
});

describe("a page of an allowed origin", () => {
  test.each([ORIGIN, "http://localhost:4173", "https://xn--tienda-9za.example"])(
    "%s is let in",
    async (origin) => {
      const preflight = await world.page.send("/identify", {
        method: "OPTIONS",
        headers: {
          origin,
          "access-control-request-method": "POST",
          "access-control-request-headers": "content-type",
        },
      });
      expect(preflight.status).toBe(204);
      expect(preflight.headers).toMatchObject({
        "access-control-allow-origin": origin,
        "access-control-allow-methods": "POST",
        "access-control-allow-headers": "content-type, traceparent, tracestate, baggage, sentry-trace",
        "access-control-max-age": "7200",
        vary: "Origin",
      });
      expect(preflight.headers["access-control-allow-credentials"]).toBeUndefined();

      const answer = await world.page.identify({ id: "u" }, world.proofFor("u"), {
        headers: { ...json, origin },
      });
      expect(answer.identity().user).toEqual({ id: "u", verified: true });
      expect(answer.headers).toMatchObject({
        "access-control-allow-origin": origin,
        "cache-control": "no-store",
        vary: "Origin",
      });
      expect(answer.headers["access-control-allow-origin"]).not.toBe("*");
    },
  );

  test("can read why it is refused, and the id to ask for in the log", async () => {
    const answer = await world.page.identify({ id: "u" });
    expect(answer.status).toBe(401);
    expect(answer.headers["access-control-allow-origin"]).toBe(ORIGIN);
    expect(answer.headers["access-control-expose-headers"]).toBe("retry-after, x-request-id");
    expect(answer.headers["x-request-id"]).toBe(answer.problem().request_id);
    await expect.poll(() => world.exchange.output()).toContain(answer.problem().request_id);
  });
});
