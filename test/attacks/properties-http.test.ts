import { request } from "node:http";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { texts } from "../support/generated.ts";
import { ORIGIN, startWorld, type World } from "../support/world.ts";

/** Addresses, headers and forms of all kinds: each is answered, and none of them with 500. */

let world: World;
beforeAll(async () => {
  world = await startWorld({ environment: { VAMBE_TRUST_PROXY: "3", VAMBE_RATE_LIMIT: "100000" } });
});
afterAll(async () => {
  expect(world.exchange.log().filter(({ level }) => level === "error")).toEqual([]);
  await world[Symbol.asyncDispose]();
});

const GRANT = "urn:ietf:params:oauth:grant-type:token-exchange";
const JWT = "urn:ietf:params:oauth:token-type:jwt";
const live = { numRuns: 200, interruptAfterTimeLimit: 15_000 };

/** What may stand in a header on the wire. */
const headerValues = fc.string({
  unit: fc
    .integer({ min: 0x20, max: 0xff })
    .filter((code) => code !== 0x7f)
    .map((code) => String.fromCharCode(code)),
  maxLength: 60,
});

describe("whatever is sent", () => {
  test("any form at /token is answered as RFC 6749 has it, and never with 500", async () => {
    const good = world.proofFor("jane");
    const values = fc.oneof(
      texts,
      fc.constantFrom(GRANT, JWT, ORIGIN, good, `${good}x`, "https://evil.example"),
    );
    const names = fc.constantFrom(
      "grant_type",
      "subject_token",
      "subject_token_type",
      "requested_token_type",
      "audience",
      "actor_token",
      "scope",
      "x",
    );
    const forms = fc.oneof(
      fc
        .array(
          fc.tuple(
            names,
            values.map((value) => value.toWellFormed()),
          ),
          { maxLength: 6 },
        )
        .map((pairs) =>
          new URLSearchParams([["grant_type", GRANT], ["subject_token_type", JWT], ...pairs]).toString(),
        ),
      fc
        .array(
          fc.tuple(
            names,
            values.map((value) => value.toWellFormed()),
          ),
          { maxLength: 6 },
        )
        .map((pairs) => new URLSearchParams(pairs).toString()),
      fc.string({ unit: "binary", maxLength: 100 }),
      fc.uint8Array({ maxLength: 100 }),
    );
    const types = fc.oneof(
      { weight: 5, arbitrary: fc.constant("application/x-www-form-urlencoded") },
      headerValues,
    );
    await fc.assert(
      fc.asyncProperty(forms, types, fc.constantFrom(ORIGIN, undefined), async (body, type, origin) => {
        const headers = { "content-type": type, ...(origin && { origin }) };
        const answer = await world.page.send("/token", { method: "POST", headers, body });
        if (answer.status === 200) {
          expect(JSON.parse(answer.text).token_type).toBe("Bearer");
          return;
        }
        expect(answer.status, answer.text).toBe(400);
        const { error, error_description } = JSON.parse(answer.text);
        expect(error).toMatch(/^[a-z_]+$/);
        // RFC 6749 §5.2: no quotes, no backslash, ASCII only.
        expect(error_description).toMatch(/^[\x20\x21\x23-\x5b\x5d-\x7e]+$/);
      }),
      live,
    );
  });

  test("any headers are taken or refused, and never with 500", async () => {
    const names = fc.constantFrom(
      "origin",
      "content-type",
      "x-forwarded-for",
      "cookie",
      "sec-fetch-mode",
      "sec-fetch-dest",
      "sec-fetch-site",
      "accept-encoding",
      "authorization",
      "content-encoding",
      "if-none-match",
      "content-language",
      "x-forwarded-proto",
    );
    await fc.assert(
      fc.asyncProperty(fc.dictionary(names, headerValues, { maxKeys: 5 }), async (more) => {
        const headers = { origin: ORIGIN, "content-type": "application/json", ...more };
        const body = JSON.stringify({ user: { id: "jane" }, proof: world.proofFor("jane") });
        for (const path of ["/identify", "/vambe-identity.js"]) {
          const answer = await world.page.send(path, {
            method: path === "/identify" ? "POST" : "GET",
            headers,
            body,
          });
          expect([200, 304, 400, 403, 415], answer.text.slice(0, 200)).toContain(answer.status);
        }
      }),
      live,
    );
  });

  test("any address is found or not, and never with 500", async () => {
    const signs = fc.constantFrom(
      ..."abz019-._~%/\\:@!$&'()*+,;=[]{}|^`<>\"#?",
      "%00",
      "%ff",
      "%2e%2e",
      "..",
      "problems",
      "__proto__",
    );
    const paths = fc.array(signs, { maxLength: 12 }).map((path) => `/${path.join("")}`);
    const prefixes = fc.constantFrom("", "/problems", "/.well-known", "/identify");
    await fc.assert(
      fc.asyncProperty(
        prefixes,
        paths,
        fc.constantFrom("GET", "POST", "OPTIONS", "HEAD"),
        async (prefix, path, method) => {
          const options = { method, path: prefix + path, headers: { origin: ORIGIN } };
          expect(await statusOf(options), `${method} ${prefix}${path}`).toBeLessThan(500);
        },
      ),
      live,
    );
  });
});

/** With the path as it stands: `fetch` and `new URL` would tidy it up. */
async function statusOf(options: {
  method: string;
  path: string;
  headers: Record<string, string>;
}): Promise<number> {
  return new Promise((resolve, reject) => {
    const { path } = options;
    const outgoing = request({
      ...options,
      path: encodeSpaces(path),
      host: "127.0.0.1",
      port: world.exchange.port,
      agent: false,
    });
    outgoing.once("response", (response) => resolve(response.resume().statusCode ?? 0));
    outgoing.once("error", reject);
    outgoing.end();
  });
}
const encodeSpaces = (path: string) => path.replaceAll(" ", "%20");
