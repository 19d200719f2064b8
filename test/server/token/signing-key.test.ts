import { generateKeyPairSync } from "node:crypto";
import { calculateJwkThumbprint } from "jose";
import { describe, expect, test } from "vitest";
import { makeKeyJwk, signingKeyMistake, signingKeyOf } from "../../../server/token/signing-key.ts";

const pair = (curve: string) =>
  generateKeyPairSync("ec", { namedCurve: curve }).privateKey.export({ format: "jwk" });

describe("a signing key", () => {
  test("is named by its thumbprint and published without its private part", async () => {
    const jwk = await makeKeyJwk();
    const { kid, publicJwk } = await signingKeyOf(jwk);
    const { kty, crv, x, y } = jwk;
    expect(kid).toBe(await calculateJwkThumbprint({ kty, crv, x, y }));
    expect(publicJwk).toEqual({ kty, crv, x, y, kid, alg: "ES256", use: "sig" });
  });

  test("may bring members of its own, which are left behind", async () => {
    const jwk = await makeKeyJwk();
    const extra = { ...jwk, kid: "mine", use: "sig", key_ops: ["sign"], ext: false, alg: "ES256", note: "x" };
    expect(signingKeyMistake(JSON.stringify(extra))).toBeUndefined();
    expect(await signingKeyOf(extra)).toMatchObject(await signingKeyOf(jwk).then(({ kid }) => ({ kid })));
  });
});

const key = pair("P-256");
const { d, ...publicKey } = key;
const unfit: [string, unknown, RegExp][] = [
  ["nothing", undefined, /not JSON/],
  ["a word", "secret", /not JSON/],
  ["PEM", "-----BEGIN PRIVATE KEY-----\nsecret\n-----END PRIVATE KEY-----", /not JSON/],
  ["null", "null", /P-256/],
  ["a number", "42", /P-256/],
  ["a list", JSON.stringify([key]), /P-256/],
  ["a JWKS", JSON.stringify({ keys: [key] }), /P-256/],
  ["a shared secret", JSON.stringify({ kty: "oct", k: d }), /P-256/],
  [
    "an RSA key",
    JSON.stringify(generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ format: "jwk" })),
    /P-256/,
  ],
  [
    "an Ed25519 key",
    JSON.stringify(generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" })),
    /P-256/,
  ],
  ["another curve", JSON.stringify(pair("P-384")), /P-256/],
  ["another curve under this one's name", JSON.stringify({ ...pair("P-384"), crv: "P-256" }), /key pair/],
  ["a public key", JSON.stringify(publicKey), /private part/],
  ["no public part", JSON.stringify({ kty: "EC", crv: "P-256", d }), /key pair/],
  ["the halves of two keys", JSON.stringify({ ...publicKey, d: pair("P-256").d }), /key pair/],
  ["a private part of zero", JSON.stringify({ ...key, d: "A".repeat(43) }), /key pair/],
  ["a private part that is a number", JSON.stringify({ ...key, d: 5 }), /key pair/],
];

describe("VAMBE_SIGNING_KEY", () => {
  test.each(unfit)("%s is refused in words that quote none of it", async (_, text, words) => {
    const mistake = signingKeyMistake(String(text ?? ""));
    expect(mistake).toMatch(words);
    expect(mistake).not.toMatch(/secret/);
    for (const part of [key.d, key.x]) expect(mistake).not.toContain(part);
  });

  test.each(unfit.slice(3))("%s is never signed with", async (_, text) => {
    await expect(signingKeyOf(JSON.parse(String(text)))).rejects.toThrow();
  });
});
