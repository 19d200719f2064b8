import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createLog } from "../../../../server/log.ts";
import { IssuerKeys } from "../../../../server/proof/oidc/issuer-keys.ts";
import { freePort } from "../../../support/free-port.ts";
import { type RunningIssuer, startIssuer } from "../../../support/issuer.ts";
import { outcomeOf } from "../../../support/refusal.ts";
import { reply } from "../../../support/upstream.ts";

let issuer: RunningIssuer;
let lines: string[] = [];
beforeEach(async () => {
  issuer = await startIssuer({ alg: "ES256" });
  lines = [];
});
afterEach(() => issuer[Symbol.asyncDispose]());

const log = createLog((line) => lines.push(line));
/** Looks for the issuer's present key, and says what came of it. */
async function look(address: { url: string; jwksUrl?: string } = { url: issuer.url }): Promise<string> {
  const { jwk } = await issuer.publicKey();
  return outcomeOf(new IssuerKeys(address, { log }).keysFor({ alg: "ES256", kid: String(jwk.kid) }));
}
const logged = () => lines.map((line) => JSON.parse(line));

describe("a discovery document", () => {
  test("is held to its issuer letter by letter: upper case and a port count", async () => {
    const written = issuer.url.replace("127.0.0.1", "LOCALHOST");
    const itsKeys = new IssuerKeys({ url: written }, { log });
    const { jwk } = await issuer.publicKey();
    const header = { alg: "ES256", kid: String(jwk.kid) } as const;
    issuer.discover({ issuer: written });
    expect((await itsKeys.keysFor(header)).name).toBe(written);

    issuer.discover({ issuer: written.toLowerCase() });
    expect(await look({ url: written })).toBe("issuer-unavailable");
    // The operator sees the name that his issuer has.
    expect(logged()[0]).toMatchObject({
      url: written,
      cause: `its discovery document names another issuer: ${written.toLowerCase()}`,
    });
  });

  test.each([
    "secret@mail.example",
    "secret https://issuer.example",
    `https://issuer.example/${"secret".repeat(40)}`,
    "https://user:secret@evil.example",
    "https://evil.example/?secret",
    "https://evil.example/\nsecret",
  ])("whose issuer is no name of one is not repeated in the log: %j", async (named) => {
    issuer.discover({ issuer: named });
    expect(await look()).toBe("issuer-unavailable");
    expect(lines.join()).not.toContain("secret");
  });

  test.each([
    ["names another issuer", { issuer: "https://evil.example" }, /another issuer/],
    ["names an issuer that begins the same", { issuer: "http://127.0.0.1:1.evil.example" }, /another issuer/],
    ["has no issuer", { issuer: undefined }, /no issuer/],
    ["has no jwks_uri", { jwks_uri: undefined }, /no jwks_uri/],
    ["has a jwks_uri without encryption", { jwks_uri: "http://keys.example.com/" }, /not https/],
    ["has a jwks_uri that is a file", { jwks_uri: "file:///etc/passwd" }, /not https/],
    [
      "has a jwks_uri in a private network",
      { jwks_uri: "https://10.0.0.1/keys" },
      /not one that may be asked/,
    ],
    [
      "has a jwks_uri at a metadata service",
      { jwks_uri: "https://169.254.169.254/" },
      /not one that may be asked/,
    ],
    ["has a jwks_uri with a password", { jwks_uri: "https://a:b@keys.example.com/" }, /not https/],
  ])("that %s is not followed", async (_, changes, cause) => {
    issuer.discover(changes);
    expect(await look()).toBe("issuer-unavailable");
    expect(logged()[0].cause).toMatch(cause);
    expect(issuer.asked()).toBe(0);
  });
});

describe("what an issuer answers", () => {
  test.each([201, 404, 500])("with %i is not read, whatever it says", async (status) => {
    const { jwk } = await issuer.publicKey();
    issuer.misbehave(reply(status, JSON.stringify({ keys: [jwk] }), { "content-type": "application/json" }));
    expect(await look()).toBe("issuer-unavailable");
    expect(logged()[0].cause).toBe(`it answers with ${status}`);
  });

  test("is asked for as JSON: some answer with a page otherwise", async () => {
    expect(await look()).toBe("accepted");
    for (const { head } of issuer.upstream.seen)
      expect(head).toMatch(/^accept: application\/json, application\/jwk-set\+json\r?$/im);
    expect(issuer.upstream.seen).toHaveLength(2);
  });

  test("at the address that the operator has written for its keys, is named by that setting", async () => {
    const address = { url: "https://issuer.example.com", jwksUrl: `${issuer.upstream.url}/keys` };
    expect(await look(address)).toBe("accepted");
    issuer.misbehave(reply(503));
    expect(await look(address)).toBe("issuer-unavailable");
    expect(logged()).toMatchObject([{ level: "error", setting: "VAMBE_OIDC_JWKS_URL", url: address.url }]);
  });
});

test("keys may be at a private address where the operator has written it, and not where a document names it", async () => {
  const host = `https://keys.internal.example:${await freePort()}`;
  const lookup = async () => [{ address: "127.0.0.1", family: 4 }];
  const cause = async (address: { url: string; jwksUrl?: string }) => {
    const keys = new IssuerKeys(address, { log, lookup });
    expect(await outcomeOf(keys.keysFor({ alg: "ES256", kid: undefined }))).toBe("issuer-unavailable");
    return logged().at(-1).cause;
  };
  // It got there, and nobody listens.
  expect(await cause({ url: "https://issuer.example", jwksUrl: `${host}/keys` })).toMatch(/ECONNREFUSED/);
  expect(await cause({ url: host })).toMatch(/not one that may be asked/);
});

test.each([
  "https://issuer.example/realms/my-shop_1/v2.0",
  "https://issuer.example:8443/{tenantid}/v2.0/",
  `https://issuer.example/${"a".repeat(177)}`,
])("the log shows the name that an issuer goes by: %s", async (named) => {
  issuer.discover({ issuer: named });
  expect(await look()).toBe("issuer-unavailable");
  expect(logged()[0].cause).toBe(`its discovery document names another issuer: ${named}`);
});

test("the log shows no name that is longer than names are", async () => {
  issuer.discover({ issuer: `https://issuer.example/${"a".repeat(178)}` });
  expect(await look()).toBe("issuer-unavailable");
  expect(logged()[0].cause).toBe("its discovery document names another issuer");
});
