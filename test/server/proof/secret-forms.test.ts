import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import { otherFormOf } from "../../../server/proof/secret-forms.ts";
import { base64url, signProof } from "../../support/proofs.ts";

/** A backend has the same secret, and signs with something else. */

const HEX = "00112233445566778899AABBCCDDEEFF";
const BASE64 = "kX3vw+Zk0vS/2mJ9pQ7r8t1uY4xW6zB5aC0dE2fG3h4=";
const WORDS = "correct horse battery staple, and more of it";

function signedWith(key: string | Buffer): string {
  const signed = `${base64url({ alg: "HS256" })}.${base64url({ sub: "u1" })}`;
  return `${signed}.${createHmac("sha256", key).update(signed).digest("base64url")}`;
}

describe("the developer is told which form it is", () => {
  test.each<[string, string, string | Buffer]>([
    ["the secret and a line break behind it", WORDS, `${WORDS}\n`],
    ["the secret and a line break behind it", WORDS, `${WORDS}\r\n`],
    ["the secret in quotes", WORDS, `"${WORDS}"`],
    ["the secret in quotes", WORDS, `'${WORDS}'`],
    ["the secret decoded from hex", HEX, Buffer.from(HEX, "hex")],
    ["the secret decoded from hex", HEX.toLowerCase(), Buffer.from(HEX, "hex")],
    ["the secret decoded from base64", BASE64, Buffer.from(BASE64, "base64")],
    ["the secret decoded from base64", BASE64.replace("=", ""), Buffer.from(BASE64, "base64")],
    [
      "the secret decoded from base64",
      Buffer.from(BASE64, "base64").toString("base64url"),
      Buffer.from(BASE64, "base64"),
    ],
  ])("%s (%s)", (words, secret, key) => {
    expect(otherFormOf(signedWith(key), [secret])).toBe(words);
    expect(otherFormOf(signedWith(key), ["another-secret-of-the-site", secret])).toBe(words);
  });

  test.each([",", ", "])("the whole list of secrets, with %j between", (between) => {
    const proof = signedWith([WORDS, HEX].join(between));
    expect(otherFormOf(proof, [WORDS, HEX])).toBe("the whole comma-separated list of secrets");
  });
});

test.each<[string, string, string | Buffer]>([
  ["another secret", WORDS, HEX],
  ["nothing", WORDS, ""],
  ["what is left of a secret that is no hex", `${WORDS}${HEX}`, Buffer.from(`${WORDS}${HEX}`, "hex")],
  ["what is left of hex that ends with something else", `${HEX}.`, Buffer.from(HEX, "hex")],
  ["what is left of hex with a digit too many", `${HEX}1`, Buffer.from(HEX, "hex")],
  ["what is left of a secret that is no base64", WORDS, Buffer.from(WORDS, "base64")],
  ["what is left of base64 that begins with something else", `.${BASE64}`, Buffer.from(BASE64, "base64")],
  ["what is left of base64 that ends with something else", `${BASE64}.`, Buffer.from(BASE64, "base64")],
])("a proof that is signed with %s is in no other form of the secret", (_, secret, key) => {
  expect(otherFormOf(signedWith(key), [secret])).toBeUndefined();
});

test("a proof whose signature is cut short is in no form of any secret", () => {
  const proof = signProof(`${WORDS}\n`, "u1");
  expect(otherFormOf(proof, [WORDS])).toBeDefined();
  for (const cut of ["", "AAAA"]) expect(otherFormOf(proof.replace(/[^.]*$/, cut), [WORDS])).toBeUndefined();
});
