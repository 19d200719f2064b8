import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createLog } from "../../../../server/log.ts";
import { Problem } from "../../../../server/problems.ts";
import { IssuerKeys } from "../../../../server/proof/oidc/issuer-keys.ts";
import { type RunningIssuer, startIssuer } from "../../../support/issuer.ts";
import { hang, reply } from "../../../support/upstream.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

let issuer: RunningIssuer;
let keys: IssuerKeys;
let now = 0;
let lines: string[] = [];
const pass = (ms: number) => {
  now += ms;
};

beforeEach(async () => {
  issuer = await startIssuer({ alg: "ES256" });
  lines = [];
  keys = new IssuerKeys({ url: issuer.url }, { log: createLog((line) => lines.push(line)), now: () => now });
});
afterEach(() => issuer[Symbol.asyncDispose]());

/** Looks for the issuer's present key, or for another, and says what came of it. */
async function look(kid?: string): Promise<string> {
  const { jwk } = await issuer.publicKey();
  try {
    await keys.keysFor({ alg: "ES256", kid: kid ?? String(jwk.kid) });
    return "found";
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const retry = error.headers["retry-after"];
    return retry === undefined ? error.slug : `${error.slug} ${retry}`;
  }
}
const lookForStrangers = (count: number) =>
  Promise.all(Array.from({ length: count }, (_, n) => look(`stranger-${n}-${now}`)));

describe("keys that the issuer has", () => {
  test("are fetched once, however many proofs come at the same moment", async () => {
    expect(new Set(await Promise.all(Array.from({ length: 50 }, () => look())))).toEqual(new Set(["found"]));
    expect([issuer.asked("discovery"), issuer.asked()]).toEqual([1, 1]);
  });

  test("are fresh for ten minutes, and then fetched again", async () => {
    await look();
    pass(10 * MINUTE - 1);
    await look();
    expect(issuer.asked()).toBe(1);
    pass(1);
    await look();
    expect(issuer.asked()).toBe(2);
  });

  test("that have been taken back serve no more after that", async () => {
    const { jwk } = await issuer.publicKey();
    await look();
    await issuer.rotate();
    pass(10 * MINUTE);
    expect(await look(String(jwk.kid))).toBe("proof-signature");
  });

  test("that are new are found at once", async () => {
    await look();
    await issuer.rotate();
    expect(await look()).toBe("found");
    expect(issuer.asked()).toBe(2);
  });
});

describe("keys that the issuer does not have", () => {
  test("are looked for once in 30 seconds, however many proofs name them", async () => {
    await look();
    expect(new Set(await lookForStrangers(100))).toEqual(new Set(["proof-signature"]));
    expect(issuer.asked()).toBe(2);
    pass(29 * SECOND);
    await lookForStrangers(100);
    expect(issuer.asked()).toBe(2);
    pass(SECOND);
    await lookForStrangers(100);
    expect(issuer.asked()).toBe(3);
  });

  test("do not stand in the way of those that it has", async () => {
    await look();
    await lookForStrangers(10);
    expect(await look()).toBe("found");
  });
});

describe("while the issuer cannot be asked", () => {
  test("nobody is believed who was not before, and it is left in peace for 30 seconds", async () => {
    issuer.misbehave(reply(500));
    expect(await Promise.all([look(), look(), look()])).toEqual(Array(3).fill("issuer-unavailable 30"));
    pass(20 * SECOND);
    expect(await look()).toBe("issuer-unavailable 10");
    expect(await look("stranger")).toBe("issuer-unavailable 10");
    expect(issuer.asked()).toBe(1);
    pass(10 * SECOND);
    expect(await look()).toBe("issuer-unavailable 30");
    expect(issuer.asked()).toBe(2);
    issuer.misbehave();
    pass(30 * SECOND);
    expect(await look()).toBe("found");
  });

  test("the keys that are known serve for 24 hours", async () => {
    await look();
    issuer.misbehave(reply(503));
    pass(HOUR);
    expect(await look()).toBe("found");
    pass(23 * HOUR - 1);
    expect(await look()).toBe("found");
    pass(1);
    expect(await look()).toMatch(/^issuer-unavailable/);
  });

  test("a key that is not known may be a new one: the page is told to come back", async () => {
    await look();
    issuer.misbehave(reply(503));
    await issuer.rotate();
    expect(await look()).toBe("issuer-unavailable 30");
    issuer.misbehave();
    pass(30 * SECOND);
    expect(await look()).toBe("found");
  });

  test("a slow fetch is shared, and given up after five seconds in all", async () => {
    issuer.misbehave(hang);
    const from = performance.now();
    expect(new Set(await Promise.all([look(), look(), look()]))).toEqual(new Set(["issuer-unavailable 30"]));
    expect(performance.now() - from).toBeLessThan(7000);
    expect(issuer.asked()).toBe(1);
  });

  test("the log says why, once a try, and names the setting", async () => {
    issuer.misbehave(reply(302, "", { location: "https://evil.example/?secret" }));
    await Promise.all([look(), look()]);
    await look();
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({
      level: "error",
      setting: "VAMBE_OIDC_ISSUER",
      cause: "it answers with a redirect (302)",
    });
    expect(lines.join()).not.toContain("evil");
  });
});

describe("a discovery document", () => {
  test("is held to its issuer letter by letter: upper case and a port count", async () => {
    const written = issuer.url.replace("127.0.0.1", "LOCALHOST");
    const itsKeys = new IssuerKeys({ url: written }, { log: createLog((line) => lines.push(line)) });
    const { jwk } = await issuer.publicKey();
    const header = { alg: "ES256", kid: String(jwk.kid) } as const;
    issuer.discover({ issuer: written });
    expect((await itsKeys.keysFor(header)).name).toBe(written);

    const others = new IssuerKeys({ url: written }, { log: createLog((line) => lines.push(line)) });
    issuer.discover({ issuer: written.toLowerCase() });
    await expect(others.keysFor(header)).rejects.toMatchObject({ slug: "issuer-unavailable" });
    // The operator sees the name that his issuer has.
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({
      url: written,
      cause: `its discovery document names another issuer: ${written.toLowerCase()}`,
    });
  });

  test.each([
    "secret@mail.example",
    "https://user:secret@evil.example",
    "https://evil.example/?secret",
    "https://evil.example/\nsecret",
  ])("whose issuer is no name of one is not repeated in the log: %j", async (named) => {
    issuer.discover({ issuer: named });
    expect(await look()).toMatch(/^issuer-unavailable/);
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
    expect(await look()).toMatch(/^issuer-unavailable/);
    expect(JSON.parse(lines[0] ?? "{}").cause).toMatch(cause);
    expect(issuer.asked()).toBe(0);
  });
});

describe("a key set", () => {
  test.each([
    ["is empty", []],
    ["holds nothing that is a key", [1, null, "x", [], {}]],
    ["holds a secret alone", [{ kty: "oct", k: "c2VjcmV0" }]],
  ])("that %s has no key for anybody, and the log says so", async (_, published) => {
    issuer.publish(published);
    expect(await look()).toBe("proof-signature");
    const said = lines.map((line) => JSON.parse(line));
    expect(said[0]).toMatchObject({ level: "warn", setting: "VAMBE_OIDC_ISSUER", url: issuer.url });
    expect(said[0].event).toMatch(/no key that can be used/);
  });

  test.each([
    ["is no object", "[]"],
    ["has no keys", "{}"],
    ["has keys in another place", '{"keys":{"a":{"kty":"EC"}}}'],
  ])("that %s is not taken", async (_, body) => {
    issuer.misbehave(reply(200, body, { "content-type": "application/json" }));
    expect(await look()).toMatch(/^issuer-unavailable/);
  });

  test.each([
    ["is for encryption", { use: "enc" }],
    ["is for another algorithm", { alg: "ES384" }],
    ["is a secret", { kty: "oct", k: "c2VjcmV0" }],
    ["is on another curve", { crv: "P-384" }],
    ["is broken", { x: "AAAA" }],
    ["may not verify", { key_ops: ["encrypt"] }],
  ])("with a key that %s has none for a proof", async (_, changes) => {
    const { jwk } = await issuer.publicKey();
    issuer.publish([{ ...jwk, ...changes }]);
    expect(await look()).toBe("proof-signature");
  });
});
