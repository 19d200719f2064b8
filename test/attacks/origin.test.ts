import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rawExchange } from "../support/raw-request.ts";
import { NO_TRACES, tracesIn } from "../support/traces.ts";
import { ORIGIN, startWorld, type World } from "../support/world.ts";

/**
 * Another site makes a visitor's browser identify him, with a proof that is good: it must not even happen. That
 * the page cannot read the answer is too late.
 */

let world: World;
/** Each proof that another site has tried. All of them would have been good. */
const tried: string[] = [];
beforeAll(async () => {
  world = await startWorld({ environment: { VAMBE_PROOF_ONCE: "true", VAMBE_FIELDS: "plan,seats" } });
});
afterAll(() => world[Symbol.asyncDispose]());

const json = { origin: ORIGIN, "content-type": "application/json" };
const goodProof = () => {
  const proof = world.proofFor("jane", { jti: randomUUID(), plan: "premium" });
  tried.push(proof);
  return proof;
};
const goodBody = () => JSON.stringify({ user: { id: "jane" }, proof: goodProof() });
const nothingHappened = () => expect(tracesIn(world)).toEqual(NO_TRACES);
const corsHeaders = (headers: Record<string, unknown>) =>
  Object.keys(headers).filter((name) => name.startsWith("access-control-"));

const FOREIGN: [string, string | undefined][] = [
  ["missing", undefined],
  ["null, as a sandboxed frame has it", "null"],
  ["empty", ""],
  ["blank", " "],
  ["another site", "https://evil.example"],
  ["a site whose name begins with ours", `${ORIGIN}.attacker.test`],
  ["a site whose name begins with evil and ends with ours", "https://evil-shop.example.com"],
  ["a site that leads to ours in the end", "https://evil-site.com.attacker.test"],
  ["a subdomain", `https://evil.${new URL(ORIGIN).host}`],
  ["the parent domain", "https://example.com"],
  ["other case", ORIGIN.toUpperCase()],
  ["other case in the host", "https://Shop.example.com"],
  ["other case in the scheme", ORIGIN.replace("https", "HTTPS")],
  ["no encryption", ORIGIN.replace("https", "http")],
  ["another scheme", ORIGIN.replace("https", "wss")],
  ["other port", `${ORIGIN}:8443`],
  ["the default port, written out", `${ORIGIN}:443`],
  ["a slash at the end", `${ORIGIN}/`],
  ["a path", `${ORIGIN}/login`],
  ["a dot at the end of the host", `${ORIGIN}.`],
  ["credentials in front", `https://shop.example.com@evil.example`],
  ["ours first, then another", `${ORIGIN}, https://evil.example`],
  ["another first, then ours", `https://evil.example ${ORIGIN}`],
  ["ours, and a tab in it", ORIGIN.replace("shop.", "shop.\t")],
  ["a pattern", "*"],
  ["a pattern for subdomains", "https://*.example.com"],
  ["the exchange itself", "http://127.0.0.1"],
  ["a local file", "file://"],
  ["a browser extension", "chrome-extension://abcdefghijklmnop"],
  ["letters that look alike", "https://xn--shp-7cd.example.com"],
];

describe.each(FOREIGN)("Origin: %s", (_, origin) => {
  const { origin: _ours, ...rest } = json;
  const headers = { ...rest, ...(origin === undefined ? {} : { origin }) };
  const disguised = {
    ...headers,
    referer: `${ORIGIN}/`,
    "x-forwarded-host": new URL(ORIGIN).host,
    "x-forwarded-proto": "https",
    "x-origin": ORIGIN,
    host: new URL(ORIGIN).host,
    "sec-fetch-site": "same-origin",
    "sec-fetch-mode": "cors",
  };

  test.each([
    ["as it is", headers],
    ["in the clothes of ours", disguised],
  ])("nobody is identified (%s), and the page learns nothing", async (_, sent) => {
    const answer = await world.page.send("/identify", { method: "POST", headers: sent, body: goodBody() });
    expect(answer.problem()).toMatchObject({ slug: "origin-not-allowed", status: 403 });
    expect(corsHeaders(answer.headers)).toEqual([]);
    expect(answer.headers).toMatchObject({ vary: "Origin", "cache-control": "no-store" });
    expect(answer.text).not.toMatch(/eyJ|jane/);
    nothingHappened();
  });

  test("the preflight lets nothing through", async () => {
    for (const path of ["/identify", "/token"]) {
      const answer = await world.page.send(path, {
        method: "OPTIONS",
        headers: { ...headers, "access-control-request-method": "POST" },
      });
      expect(answer.status).toBe(403);
      expect(corsHeaders(answer.headers)).toEqual([]);
    }
  });

  test("what the page sends is not even looked at", async () => {
    for (const body of ["", "{", "x".repeat(20_000), '{"user":{"id":1e999}}']) {
      const answer = await world.page.send("/identify", { method: "POST", headers, body });
      expect(answer.problem().slug).toBe("origin-not-allowed");
    }
  });
});

const form = (proof: string) =>
  new URLSearchParams({
    grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
    subject_token: proof,
    subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
  }).toString();

test.each(FOREIGN.filter(([, origin]) => origin !== undefined))(
  "POST /token, which a form can make without asking first, from Origin: %s",
  async (_, origin = "") => {
    const headers = { "content-type": "application/x-www-form-urlencoded", origin };
    const answer = await world.page.send("/token", { method: "POST", headers, body: form(goodProof()) });
    expect(answer.status).toBe(403);
    expect(JSON.parse(answer.text)).toMatchObject({ error: "unauthorized_client" });
    expect(corsHeaders(answer.headers)).toEqual([]);
    nothingHappened();
  },
);

describe("two Origin headers, ours being one of them", () => {
  test.each([
    ["first", [ORIGIN, "https://evil.example"]],
    ["last", ["https://evil.example", ORIGIN]],
    ["folded into one line", [`https://evil.example\r\n ${ORIGIN}`]],
  ])("(%s) identify nobody", async (_, origins) => {
    const body = goodBody();
    const answer = await rawExchange(
      world.exchange.port,
      `POST /identify HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n` +
        `${origins.map((origin) => `Origin: ${origin}\r\n`).join("")}Content-Length: ${body.length}\r\n\r\n${body}`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 40[03] /);
    nothingHappened();
  });
});

describe("Sec-Fetch-Site: cross-site", () => {
  test("from a page that is not allowed identifies nobody", async () => {
    for (const origin of ["https://evil.example", "null"]) {
      const headers = { ...json, origin, "sec-fetch-site": "cross-site", "sec-fetch-mode": "cors" };
      const answer = await world.page.send("/identify", { method: "POST", headers, body: goodBody() });
      expect(answer.problem().slug).toBe("origin-not-allowed");
    }
    nothingHappened();
  });

  test.each([
    ["a form that navigates", { "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" }],
    ["a beacon without CORS", { "sec-fetch-mode": "no-cors", "sec-fetch-dest": "empty" }],
    ["a frame", { "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe" }],
    ["a script tag", { "sec-fetch-mode": "no-cors", "sec-fetch-dest": "script" }],
  ])("in %s identifies nobody, whatever its Origin says", async (_, fetchMetadata) => {
    for (const origin of [ORIGIN, "https://evil.example"]) {
      const headers = { ...json, origin, "sec-fetch-site": "cross-site", ...fetchMetadata };
      const answer = await world.page.send("/identify", { method: "POST", headers, body: goodBody() });
      expect(answer.problem().slug).toBe(origin === ORIGIN ? "not-fetch" : "origin-not-allowed");
      const type = { "content-type": "application/x-www-form-urlencoded" };
      const token = { method: "POST", headers: { ...headers, ...type }, body: form(goodProof()) };
      expect((await world.page.send("/token", token)).status).toBe(403);
    }
    nothingHappened();
  });
});

describe("what a page can send without a preflight", () => {
  test.each([
    ["text/plain", () => goodBody()],
    ["text/plain;charset=UTF-8", () => goodBody()],
    ["text/plain; application/json", () => goodBody()],
    [
      "application/x-www-form-urlencoded",
      () => new URLSearchParams({ user: '{"id":"jane"}', proof: goodProof() }).toString(),
    ],
    ["application/x-www-form-urlencoded", () => `${goodBody().slice(0, -1)},"x":"=`.concat('"}')],
    [
      "multipart/form-data; boundary=b",
      () => `--b\r\nContent-Disposition: form-data; name="user"\r\n\r\n${goodBody()}\r\n--b--`,
    ],
    ["", () => goodBody()],
    ["application/csp-report", () => goodBody()],
    ["application/reports+json", () => goodBody()],
  ])("(%s) identifies nobody, not even on an allowed page", async (type, body) => {
    const headers = { origin: ORIGIN, "content-type": type };
    const answer = await world.page.send("/identify", { method: "POST", headers, body: body() });
    expect(answer.problem()).toMatchObject({ slug: "not-json", status: 415 });
    const { "content-type": _type, ...untyped } = json;
    const bare = await world.page.send("/identify", { method: "POST", headers: untyped, body: body() });
    expect(bare.problem().slug).toBe("not-json");
    nothingHappened();
  });

  test.each(["GET", "HEAD", "PUT", "PATCH", "DELETE", "TRACE", "QUERY"])(
    "%s identifies nobody",
    async (method) => {
      const user = encodeURIComponent('{"id":"jane"}');
      for (const path of ["/identify", "/token"]) {
        for (const query of [
          "",
          `?user=${user}&proof=${goodProof()}`,
          `?${form(goodProof())}`,
          "?_method=POST",
        ]) {
          const override = {
            "x-http-method-override": "POST",
            "x-http-method": "POST",
            "x-method-override": "POST",
          };
          const answer = await world.page.send(path + query, { method, headers: { ...json, ...override } });
          expect(answer.status).toBe(405);
          expect(answer.headers.allow).toBe("POST, OPTIONS");
          expect(answer.text).not.toMatch(/eyJ|jane/);
        }
        if (method === "GET" || method === "HEAD") continue;
        const answer = await world.page.send(path, { method, headers: json, body: goodBody() });
        expect(answer.status).toBe(405);
      }
      nothingHappened();
    },
  );
});

test("and every one of these proofs, on the site's own page, would have been good", async () => {
  expect(tried.length).toBeGreaterThan(150);
  nothingHappened();
  for (const proof of tried) {
    const answer = await world.page.identify({ id: "jane" }, proof);
    expect(answer.identity().user).toMatchObject({ id: "jane", verified: true });
  }
  expect(tracesIn(world)).toMatchObject({ upserts: 1, rows: { contact: 1, used_proof: tried.length } });
});
