import { createHmac } from "node:crypto";
import { decodeJwt, decodeProtectedHeader } from "jose";
import { describe, expect, test } from "vitest";
import { proveByJwt } from "../../../server/proof/jwt.ts";
import { proveByUserHash } from "../../../server/proof/user-hash.ts";
import { hashUser, type SignedUser, signUser } from "../../../server/sign/sign.ts";
import { inSeconds } from "../../support/proofs.ts";

const SECRET = "0123456789abcdef0123456789abcdef";
const request = new Request("https://id.example.com/identify", { method: "POST" });

/** What the exchange believes of a proof. */
const proven = async (proof: string, id = "u1") => {
  const verdict = await proveByJwt([SECRET])({ user: { id }, request, proof });
  return verdict && { id: verdict.id, traits: verdict.traits };
};

/** The error that comes of it, as `Kind: message`. It never holds the secret. */
async function mistakeOf(user: unknown, secret: unknown = SECRET, options?: object): Promise<string> {
  const error = await signUser(user as SignedUser, secret as string, options).catch((thrown) => thrown);
  expect(error).toBeInstanceOf(Error);
  if (typeof secret === "string" && secret !== "") expect(String(error)).not.toContain(secret);
  return String(error);
}

describe("signUser", () => {
  test("makes a proof that the exchange accepts, with every trait", async () => {
    const traits = { name: "María 李", email: "jane@example.com", plan: "premium" };
    const proof = await signUser({ id: "u1", ...traits, fields: { seats: 3, admin: true } }, SECRET);
    expect(await proven(proof)).toEqual({
      id: "u1",
      traits: { ...traits, fields: { seats: "3", admin: "true" } },
    });
  });

  test("signs what a proof should have, and nothing else", async () => {
    const extra = { password: "hunter2" };
    const proof = await signUser({ id: "u1", ...extra }, SECRET);
    expect(decodeProtectedHeader(proof)).toEqual({ alg: "HS256", typ: "JWT" });
    const { iat, exp, jti, ...rest } = decodeJwt(proof);
    expect(rest).toEqual({ sub: "u1", aud: "vambe-identity" });
    expect(Math.abs(Number(iat) - inSeconds(0))).toBeLessThanOrEqual(1);
    expect(Number(exp) - Number(iat)).toBe(600);
    expect(jti).toMatch(/^[0-9a-f]{8}-[0-9a-f-]{27}$/);
  });

  test("never makes the same proof twice", async () => {
    expect(await signUser({ id: "u1" }, SECRET)).not.toBe(await signUser({ id: "u1" }, SECRET));
  });

  test("writes a numeric id as text: `sub` is always a string", async () => {
    const proof = await signUser({ id: 42 }, SECRET);
    expect(decodeJwt(proof).sub).toBe("42");
    expect(await proven(proof, "42")).toMatchObject({ id: "42" });
  });

  test("writes dates as ISO 8601 and leaves out what is not known", async () => {
    const fields = { since: new Date(Date.UTC(2026, 4, 4, 12)), seats: undefined, note: null };
    const proof = await signUser({ id: "u1", name: null, email: undefined, fields }, SECRET);
    expect(decodeJwt(proof)).toMatchObject({ fields: { since: "2026-05-04T12:00:00.000Z", note: null } });
    expect(decodeJwt(proof)).not.toHaveProperty("email");
    expect(await proven(proof)).toMatchObject({ id: "u1" });
  });

  test.each([1, 60, 3600])("lets a proof hold for %d seconds", async (expiresIn) => {
    const { iat, exp } = decodeJwt(await signUser({ id: "u1" }, SECRET, { expiresIn }));
    expect(Number(exp) - Number(iat)).toBe(expiresIn);
  });

  test("takes a secret of exactly 32 bytes, counted in UTF-8", async () => {
    await signUser({ id: "u1" }, "ñ".repeat(16));
    expect(await mistakeOf({ id: "u1" }, "ñ".repeat(15))).toMatch(/^RangeError: secret must be at least 32/);
  });
});

describe("signUser says which field is wrong and what to do:", () => {
  test.each([
    ["no user", undefined, /^TypeError: user must be an object/],
    ["no id", {}, /^TypeError: id is required/],
    ["id null", { id: null }, /^TypeError: id is required/],
    ["an empty id", { id: "" }, /^RangeError: id is required/],
    ["an id that is an object", { id: { toString: () => "u1" } }, /^TypeError: id is required/],
    ["a number that is not exact", { id: 2 ** 53 }, /^RangeError: id is a number too large.*string/],
    ["not a number", { id: Number.NaN }, /^TypeError: id is required/],
    ["white space around the id", { id: "u1 " }, /^RangeError: id must not begin or end with white space/],
    ["an id that is too long", { id: "x".repeat(256) }, /^RangeError: id must be at most 255/],
    ["a name of the wrong type", { id: "u1", name: 7 }, /^TypeError: name must be a string/],
    ["an email of the wrong type", { id: "u1", email: ["a@b.c"] }, /^TypeError: email must be a string/],
    ["a plan of the wrong type", { id: "u1", plan: {} }, /^TypeError: plan must be a string/],
    ["a plan that is too long", { id: "u1", plan: "x".repeat(256) }, /^RangeError: plan must be at most 255/],
    ["fields that are a list", { id: "u1", fields: ["a"] }, /^TypeError: fields must be an object/],
    ["a field that is an object", { id: "u1", fields: { a: {} } }, /^TypeError: fields\.a must be/],
    ["a field that is not finite", { id: "u1", fields: { a: 1 / 0 } }, /^TypeError: fields\.a must be/],
    [
      "an invalid date",
      { id: "u1", fields: { a: new Date("x") } },
      /^RangeError: fields\.a is not a valid date/,
    ],
    [
      "more than the exchange reads",
      { id: "u1", fields: Object.fromEntries(Array.from({ length: 20 }, (_, n) => [n, "x".repeat(900)])) },
      /^RangeError: user makes a proof of \d+ characters.*16384/,
    ],
  ])("%s", async (_, user, words) => {
    expect(await mistakeOf(user)).toMatch(words);
  });

  test.each([
    ["none", undefined, /^TypeError: secret is required.*VAMBE_IDENTITY_SECRET/],
    ["an empty one", "", /^TypeError: secret is required/],
    ["a short one", "short-but-secret", /^RangeError: secret must be at least 32 bytes.*openssl/],
    ["a whole list", `${SECRET},${SECRET}`, /^RangeError: secret must not contain a comma.*pass one/],
    ["one with the file's line break", `${SECRET}\n`, /^RangeError: secret must not begin or end/],
    ["bytes", new Uint8Array(32), /^TypeError: secret is required: the text/],
  ])("a secret that cannot be right: %s", async (_, secret, words) => {
    expect(await mistakeOf({ id: "u1" }, secret ?? null)).toMatch(words);
  });

  test.each([0, -1, 0.5, 3601, Number.NaN, 600_000])("%d seconds of life", async (expiresIn) => {
    expect(await mistakeOf({ id: "u1" }, SECRET, { expiresIn })).toMatch(
      /^RangeError: expiresIn must be a whole number of seconds from 1 to 3600/,
    );
  });

  test("a life that is text", async () => {
    expect(await mistakeOf({ id: "u1" }, SECRET, { expiresIn: "10m" })).toMatch(
      /^TypeError: expiresIn must be a number of seconds/,
    );
  });

  test("no message repeats what it is about", async () => {
    const user = { id: "u1", name: "x", email: { secret: "jane@example.com" }, fields: { a: ["Jane"] } };
    expect(await mistakeOf(user)).not.toMatch(/jane/i);
  });
});

describe("hashUser", () => {
  test("is the hex HMAC-SHA256 of the id's UTF-8 bytes, with a key of its own (RFC 5869)", () => {
    // HKDF-SHA256 without a salt, for a key of one block: both of its steps by hand.
    const extracted = createHmac("sha256", Buffer.alloc(32)).update(SECRET).digest();
    const key = createHmac("sha256", extracted).update("vambe-identity/user-hash\u0001").digest();
    for (const id of ["u1", "ñ-李"])
      expect(hashUser(id, SECRET)).toBe(createHmac("sha256", key).update(Buffer.from(id)).digest("hex"));
    expect(hashUser(42, SECRET)).toBe(hashUser("42", SECRET));
  });

  test("is what the exchange accepts", async () => {
    const user = { id: "u1", user_hash: hashUser("u1", SECRET) };
    const settings = { identitySecrets: [SECRET], userHashSecrets: [], proofOnce: false, verified: () => {} };
    const byHash = proveByUserHash(settings);
    expect(await byHash({ user, request, proof: undefined })).toMatchObject({ id: "u1" });
  });

  test("refuses what the exchange would refuse", () => {
    expect(() => hashUser("", SECRET)).toThrow(/^id is required/);
    expect(() => hashUser(" u1", SECRET)).toThrow(/^id must not begin/);
    expect(() => hashUser("u1", "short")).toThrow(/^secret must be at least 32 bytes/);
  });
});
