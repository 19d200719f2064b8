import { describe, expect, test } from "vitest";
import { readHeader } from "../../../server/proof/jwt-header.ts";
import { base64url, signProof } from "../../support/proofs.ts";
import { outcomeOf } from "../../support/refusal.ts";

const SECRET = "0123456789abcdef0123456789abcdef";
const good = signProof(SECRET, "u1");
const [header = "", payload = "", signature = ""] = good.split(".");
const read = async (proof: string) => readHeader(proof);
const withHeader = (changes: object) =>
  read(`${base64url({ alg: "HS256", typ: "JWT", ...changes })}.${payload}.${signature}`);

test("a header says how the proof is signed, and with which key", async () => {
  expect(await withHeader({ kid: "2026-03", x: 1 })).toEqual({ alg: "HS256", kid: "2026-03" });
  expect(await read(good)).toEqual({ alg: "HS256", kid: undefined });
});

describe("what is no compact JWT is refused, and nothing breaks", () => {
  test.each([
    "",
    ".",
    "..",
    "not a token",
    "a.b",
    "a.b.c",
    "a.b.c.d.e",
    `${header}.${payload}`,
    `${header}.${payload}.${signature}.`,
    `${header}.${payload}.${signature}.${signature}`,
    ` ${good}`,
    `Bearer ${good}`,
    "é.é.é",
    "\u0000".repeat(100),
  ])("%j", async (proof) => {
    await expect(read(proof)).rejects.toThrow(/is not a compact JWT: three base64url parts/);
    expect(await outcomeOf(read(proof))).toBe("proof-malformed");
  });

  test.each([
    ["null", "null"],
    ["a list", "[]"],
    ["lists in lists", "[".repeat(2000)],
    ["no JSON in braces", "{a}"],
    ["an object that does not end", '{"alg":"HS256"'],
    ["two objects", '{"alg":"HS256"}{}'],
    ["an object and white space", '{"alg":"HS256"}\n'],
    ["an object behind a byte order mark", '\ufeff{"alg":"HS256"}'],
    ["an object in no UTF-8", Buffer.from('{"alg":"HS256","x":"\xff"}', "latin1")],
  ])("a header that is %s", async (_, text) => {
    const proof = `${Buffer.from(text).toString("base64url")}.${payload}.${signature}`;
    await expect(read(proof)).rejects.toThrow(/in the first of them a JSON object without white space/);
  });
});

describe("a header is refused, and what it must not have is named", () => {
  test.each<[Record<string, unknown>, RegExp]>([
    [{ crit: ["exp"] }, /must not have `crit`/],
    [{ crit: [] }, /must not have `crit`/],
    [{ b64: false }, /must not have `b64`/],
    [{ b64: true }, /must not have `b64`/],
    [{ jwk: { kty: "oct" } }, /must not bring a key \(`jwk`\)/],
    [{ jku: "https://evil.example/keys" }, /must not bring a key \(`jku`\)/],
    [{ x5c: [] }, /must not bring a key \(`x5c`\)/],
    [{ x5u: null }, /must not bring a key \(`x5u`\)/],
    [{ kid: 7 }, /`kid` must be a string/],
    [{ kid: null }, /`kid` must be a string/],
    [{ kid: ["2026-03"] }, /`kid` must be a string/],
    [{ typ: "at+jwt" }, /`typ` must be JWT, or left out.* send the ID token/],
    [{ typ: ["JWT"] }, /`typ` must be JWT/],
    [{ typ: null }, /`typ` must be JWT/],
  ])("%j", async (changes, why) => {
    await expect(withHeader(changes)).rejects.toThrow(why);
    expect(await outcomeOf(withHeader(changes))).toBe("proof-malformed");
  });
});
