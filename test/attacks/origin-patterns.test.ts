import { decodeJwt } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { NO_TRACES, tracesIn } from "../support/traces.ts";
import { startWorld, type World } from "../support/world.ts";

/** A pattern for previews, and the shells of apps: each lets in what it says, and nothing that only looks like it. */

let world: World;
beforeAll(async () => {
  world = await startWorld({
    environment: {
      VAMBE_ALLOWED_ORIGINS: "https://*.example.com,https://*.dev.example.org:8443,capacitor://localhost",
    },
  });
});
afterAll(() => world[Symbol.asyncDispose]());

const identify = (origin: string) =>
  world.page.identify({ id: "jane" }, world.proofFor("jane"), {
    headers: { origin, "content-type": "application/json" },
  });
const askToken = (fields: Record<string, string>, headers: Record<string, string> = {}) =>
  world.page.send("/token", {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
    body: new URLSearchParams({
      grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
      subject_token: world.proofFor("jane"),
      subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
      ...fields,
    }).toString(),
  });

describe("nobody gets in who is not one label in place of the *", () => {
  test.each([
    "https://example.com",
    "https://.example.com",
    "https://a.b.example.com",
    "https://evil.com/.example.com",
    "https://evil.com#.example.com",
    "https://evil.com:443.example.com",
    "https://user@a.example.com",
    "https://a b.example.com",
    "https://a\t.example.com",
    "https://A.example.com",
    "https://*.example.com",
    "https://_.example.com",
    `https://${"a".repeat(64)}.example.com`,
    "https://a.example.com.evil.com",
    "https://a.example.com:8443",
    "https://a.example.com/",
    "https://aexample.com",
    "https://evilexample.com",
    "http://a.example.com",
    "https://a.example.com, https://evil.com",
    "https://a.dev.example.org",
    "https://a.dev.example.org:84430",
    "capacitor://localhost:80",
    "capacitor://localhost.evil.com",
    "capacitor://evil",
    "ionic://localhost",
    "null",
    "",
  ])("%s", async (origin) => {
    const answer = await identify(origin);
    expect(answer.problem().slug).toBe("origin-not-allowed");
    expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
    expect((await askToken({ audience: origin || "x" })).status).toBe(400);
    expect(tracesIn(world)).toEqual(NO_TRACES);
  });
});

describe("whoever is", () => {
  test.each([
    "https://pr-123.example.com",
    "https://a.example.com",
    "https://xn--bcher-kva.example.com",
    "https://a.dev.example.org:8443",
    "capacitor://localhost",
  ])("%s identifies, and the token is for that page alone", async (origin) => {
    const preflight = await world.page.send("/identify", {
      method: "OPTIONS",
      headers: {
        origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "baggage,content-type,sentry-trace,traceparent,tracestate",
      },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers["access-control-allow-origin"]).toBe(origin);
    const allowed = (preflight.headers["access-control-allow-headers"] ?? "").split(", ");
    expect(allowed).toEqual(
      expect.arrayContaining(["content-type", "traceparent", "tracestate", "baggage", "sentry-trace"]),
    );
    const answer = await identify(origin);
    expect(answer.headers["access-control-allow-origin"]).toBe(origin);
    expect(decodeJwt(answer.identity().token).aud).toBe(origin);
    const granted = JSON.parse((await askToken({ audience: origin })).text);
    expect(decodeJwt(granted.access_token).aud).toBe(origin);
    expect((await askToken({}, { origin })).status).toBe(200);
  });
});

test("a preflight allows no other header, whatever it asks for", async () => {
  const { headers } = await world.page.send("/identify", {
    method: "OPTIONS",
    headers: {
      origin: "https://a.example.com",
      "access-control-request-method": "DELETE",
      "access-control-request-headers": "authorization,x-evil",
      "access-control-request-private-network": "true",
    },
  });
  expect(headers["access-control-allow-headers"]).not.toMatch(/authorization|evil|\*/);
  expect(headers["access-control-allow-methods"]).toBe("POST");
  expect(headers["access-control-allow-private-network"]).toBeUndefined();
});

test("a pattern alone is no audience: who asks for a token without a page has to name one", async () => {
  await using one = await startWorld({ environment: { VAMBE_ALLOWED_ORIGINS: "https://*.example.com" } });
  const body = new URLSearchParams({
    grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
    subject_token: one.proofFor("jane"),
    subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
  });
  const answer = await fetch(`${one.exchange.url}/token`, { method: "POST", body });
  expect((await answer.json()).error).toBe("invalid_target");
});
