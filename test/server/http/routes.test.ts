import { createLocalJWKSet, jwtVerify } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rawExchange, rawRequest } from "../../support/raw-request.ts";
import { ORIGIN, startWorld, type World } from "../../support/world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

const get = (path: string, headers: Record<string, string> = {}) =>
  rawRequest(world.exchange.url + path, { headers });

describe("methods", () => {
  test.each(["GET", "HEAD", "PUT", "PATCH", "DELETE"])(
    "%s /identify is 405, and says what is allowed",
    async (method) => {
      const answer = await world.page.send("/identify", { method, headers: { origin: ORIGIN } });
      expect(answer.status).toBe(405);
      expect(answer.headers.allow).toBe("POST, OPTIONS");
      expect(answer.headers["cache-control"]).toBe("no-store");
    },
  );

  test.each(["/vambe-identity.js", "/livez", "/readyz", "/.well-known/jwks.json", "/problems/not-found"])(
    "POST %s does nothing",
    async (path) => {
      const answer = await world.page.send(path, { method: "POST", headers: { origin: ORIGIN }, body: "{}" });
      expect([404, 405]).toContain(answer.status);
      expect(answer.problem().status).toBe(answer.status);
    },
  );
});

describe("health", () => {
  test("/livez and /readyz answer 200 and are never stored", async () => {
    for (const path of ["/livez", "/readyz"]) {
      const { status, headers } = await get(path);
      expect([path, status, headers["cache-control"]]).toEqual([path, 200, "no-store"]);
    }
  });

  test("Vambe being down does not make the exchange unready: identifies are queued", async () => {
    world.vambe.standIn.setFault("down");
    await world.signIn("down", { name: "x" });
    expect((await get("/readyz")).status).toBe(200);
    world.vambe.standIn.setFault("normal");
  });
});

describe("the published keys", () => {
  test("verify the token, for the page that asked and no other", async () => {
    const { token, expires_at } = (await world.signIn("jwks", { name: "Jane" })).identity();
    const { text, headers } = await get("/.well-known/jwks.json", { origin: "https://anywhere.example" });
    expect(headers["access-control-allow-origin"]).toBe("*");
    const keys = createLocalJWKSet(JSON.parse(text));
    const { payload, protectedHeader } = await jwtVerify(token, keys, {
      issuer: world.exchange.url,
      audience: ORIGIN,
      subject: "jwks",
      typ: "vambe-identity+jwt",
      algorithms: ["ES256"],
      requiredClaims: ["jti", "iat", "exp"],
    });
    expect(payload).toMatchObject({ verified: true, channel_id: world.channelId, exp: expires_at });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(15 * 60);
    expect(protectedHeader.kid).toBe(JSON.parse(text).keys[0].kid);
    await expect(jwtVerify(token, keys, { audience: "https://evil.example" })).rejects.toThrow();
  });

  test("hold no private part", async () => {
    const { keys } = JSON.parse((await get("/.well-known/jwks.json")).text);
    for (const key of keys) {
      expect(Object.keys(key).sort()).toEqual(["alg", "crv", "kid", "kty", "use", "x", "y"]);
      expect(key).toMatchObject({ alg: "ES256", use: "sig", crv: "P-256" });
    }
  });

  test("are the same after a restart: tokens that are out stay good", async () => {
    const before = (await get("/.well-known/jwks.json")).text;
    await world.exchange.restart();
    expect((await get("/.well-known/jwks.json")).text).toBe(before);
  });

  test("the token is no proof", async () => {
    const { token } = (await world.signIn("jwks")).identity();
    expect((await world.page.identify({ id: "jwks" }, token)).problem().slug).toBe("proof-malformed");
  });
});

describe("a public URL with a path", () => {
  test("is where everything is found, whether or not a proxy has taken the path off", async () => {
    const { url } = world.exchange;
    await world.exchange.restart({ VAMBE_PUBLIC_URL: `${url}/id` });
    for (const prefix of ["", "/id"]) {
      for (const path of ["/livez", "/vambe-identity.js", "/problems/not-found"]) {
        expect([prefix + path, (await get(prefix + path)).status]).toEqual([prefix + path, 200]);
      }
    }
    const refused = await world.page.identify({ id: "u" });
    expect(refused.problem().type).toBe(`${url}/id/problems/proof-missing`);
    expect((await rawRequest(refused.problem().type)).status).toBe(200);
    expect((await get("/idx/livez")).status).toBe(404);
    await world.exchange.restart({ VAMBE_PUBLIC_URL: url });
  });
});

describe("requests that no browser sends", () => {
  const line = (text: string) => `${text}\r\nConnection: close\r\n\r\n`;
  test.each([
    ["no Host", line("GET /livez HTTP/1.1")],
    ["a Host that is no host", line("GET /livez HTTP/1.1\r\nHost: a b/../c?d#e")],
    ["a Host with a user in it", line("GET /livez HTTP/1.1\r\nHost: x@evil.example:99999")],
    ["an address with a host in it", line("GET http://evil.example/livez HTTP/1.1\r\nHost: x")],
    ["an address that is none", line("GET http://[/livez HTTP/1.1\r\nHost: x")],
    ["an address with broken escapes", line("GET /%zz%ff%00/problems/%c0%ae HTTP/1.1\r\nHost: x")],
    ["only a question", line("GET ?a=b HTTP/1.1\r\nHost: x")],
    ["a very long address", line(`GET /${"x".repeat(12_000)} HTTP/1.1\r\nHost: x`)],
    ["very long headers", line(`GET /livez HTTP/1.1\r\nHost: x\r\nX-Long: ${"x".repeat(40_000)}`)],
    ["a tunnel", line("CONNECT example.com:443 HTTP/1.1\r\nHost: example.com")],
    ["a mirror", line("TRACE /identify HTTP/1.1\r\nHost: x\r\nX-Secret: mirror-me")],
    ["another protocol", "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\r\n\r\n"],
    ["an upgrade", line("GET /identify HTTP/1.1\r\nHost: x\r\nUpgrade: websocket")],
  ])("%s", async (_, bytes) => {
    const answer = await rawExchange(world.exchange.port, bytes);
    expect(answer).not.toMatch(/^HTTP\/1\.1 5/);
    expect(answer).not.toContain("mirror-me");
    expect((await get("/livez")).status).toBe(200);
  });

  test("none of them is an error of the exchange's", () => {
    expect(world.exchange.log().filter(({ level }) => level === "error")).toEqual([]);
  });
});
