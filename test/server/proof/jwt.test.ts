import { createHmac, generateKeyPairSync, sign } from "node:crypto";
import { SignJWT } from "jose";
import { describe, expect, test } from "vitest";
import { Problem } from "../../../server/problems.ts";
import { proveByJwt } from "../../../server/proof/jwt.ts";
import { base64url, inSeconds, signJwt, signProof } from "../../support/proofs.ts";
import { outcomeOf } from "../../support/refusal.ts";

const SECRET = "0123456789abcdef0123456789abcdef";
const OLDER = "fedcba9876543210fedcba9876543210";
const request = new Request("https://id.example.com/identify", { method: "POST" });
const TEN_DIGITS = 1_234_567_890;
const claims = (changes = {}) => ({
  sub: "u1",
  aud: "vambe-identity",
  iat: inSeconds(0),
  exp: inSeconds(600),
  ...changes,
});

const prove = (proof: string, secrets = [SECRET, OLDER]) =>
  proveByJwt(secrets)({ user: { id: "u1" }, request, proof });
const refusalOf = (proof: string) => outcomeOf(prove(proof));

describe("a proof that holds", () => {
  test("proves the id and every trait that is signed", async () => {
    const traits = {
      name: "Jane",
      email: "jane@example.com",
      plan: "pro",
      fields: { seats: 3, admin: true },
    };
    const proven = await prove(signProof(SECRET, "u1", traits));
    expect(proven?.id).toBe("u1");
    expect(proven?.traits).toEqual({ ...traits, fields: { seats: "3", admin: "true" } });
  });

  test("may be made by jose as well as by hand", async () => {
    const made = await new SignJWT({})
      .setProtectedHeader({ alg: "HS256" })
      .setSubject("u1")
      .setAudience("vambe-identity")
      .setExpirationTime("10m")
      .sign(new TextEncoder().encode(SECRET));
    expect(await prove(made)).toMatchObject({ id: "u1" });
  });

  test.each([
    ["an older secret, during a rotation", () => signProof(OLDER, "u1")],
    ["no typ", () => signProof(SECRET, "u1", {}, { typ: undefined })],
    ["typ in small letters", () => signProof(SECRET, "u1", {}, { typ: "jwt" })],
    ["no iat", () => signProof(SECRET, "u1", { iat: undefined })],
    ["an audience among others", () => signProof(SECRET, "u1", { aud: ["shop", "vambe-identity"] })],
    [
      "claims that mean nothing here",
      () => signProof(SECRET, "u1", { iss: "x", role: "admin", __proto__: { a: 1 } }),
    ],
    [
      "an exp that has just passed, for clocks differ",
      () => signProof(SECRET, "u1", { exp: inSeconds(-20) }),
    ],
    ["an iat that is just ahead, for clocks differ", () => signProof(SECRET, "u1", { iat: inSeconds(20) })],
    ["an exp one hour ahead", () => signProof(SECRET, "u1", { exp: inSeconds(3600) })],
    [
      "null for what is not known",
      () => signProof(SECRET, "u1", { name: null, email: null, plan: null, fields: null }),
    ],
  ])("may have %s", async (_, make) => {
    expect(await refusalOf(make())).toBe("accepted");
  });

  test("counts as a use of its secret each time, and needs no second look until it expires", async () => {
    const used: unknown[] = [];
    const byJwt = proveByJwt([SECRET, OLDER], (...use) => used.push(use));
    const exp = inSeconds(90);
    const proof = signProof(OLDER, "u1", { exp }, { kid: "2026-03" });
    const { again } = (await byJwt({ user: {}, request, proof })) ?? {};
    expect(again?.until).toBe(exp * 1000);
    again?.count();
    expect(used).toEqual(Array(2).fill([1, "2026-03"]));
  });

  test("may have a number for the id: its decimal digits", async () => {
    expect(await prove(signProof(SECRET, TEN_DIGITS))).toMatchObject({ id: "1234567890" });
  });
});

describe("a proof whose signature does not hold", () => {
  const good = signProof(SECRET, "u1");
  const [header = "", payload = "", signature = ""] = good.split(".");
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });

  test.each([
    ["another secret", signProof("x".repeat(32), "u1"), "proof-signature"],
    ["a secret that begins the same", signProof(SECRET.slice(0, 31), "u1"), "proof-signature"],
    ["an empty secret", signProof("", "u1"), "proof-signature"],
    [
      "claims changed afterwards",
      `${header}.${base64url(claims({ sub: "admin" }))}.${signature}`,
      "proof-signature",
    ],
    ["the signature cut short", good.slice(0, -8), expect.stringMatching(/^proof-(signature|malformed)$/)],
    ["no signature", `${header}.${payload}.`, "proof-signature"],
    [
      "the signature of another proof",
      `${header}.${payload}.${signProof(SECRET, "u2").split(".")[2]}`,
      "proof-signature",
    ],
    ["alg none", `${base64url({ alg: "none" })}.${payload}.`, "proof-malformed"],
    ["alg NoNe", `${base64url({ alg: "NoNe" })}.${payload}.${signature}`, "proof-malformed"],
    ["alg none with a true signature", signJwt(claims(), SECRET, { alg: "none" }), "proof-malformed"],
    ["alg HS512", signJwt(claims(), SECRET, { alg: "HS512" }), "proof-malformed"],
    ["alg hs256", signJwt(claims(), SECRET, { alg: "hs256" }), "proof-malformed"],
    ["no alg", signJwt(claims(), SECRET, { alg: undefined }), "proof-malformed"],
    ["two algs", signJwt(claims(), SECRET, { alg: ["HS256"] }), "proof-malformed"],
    [
      "critical extensions",
      signJwt(claims(), SECRET, { crit: ["exp"], exp: inSeconds(60) }),
      "proof-malformed",
    ],
    ["an unencoded payload", signJwt(claims(), SECRET, { crit: ["b64"], b64: false }), "proof-malformed"],
    [
      "the typ of the token that we issue",
      signJwt(claims(), SECRET, { typ: "vambe-identity+jwt" }),
      "proof-malformed",
    ],
    ["the typ of an access token", signJwt(claims(), SECRET, { typ: "at+jwt" }), "proof-malformed"],
    ["a typ that is no string", signJwt(claims(), SECRET, { typ: 1 }), "proof-malformed"],
  ])("is refused: %s", async (_, proof, slug) => {
    expect(await refusalOf(proof)).toEqual(slug);
  });

  test("is refused: an asymmetric one whose key comes along in the header", async () => {
    const signed = `${base64url({ alg: "ES256", jwk: { kty: "EC" } })}.${base64url(claims())}`;
    const made = sign("sha256", Buffer.from(signed), { key: privateKey, dsaEncoding: "ieee-p1363" });
    expect(await refusalOf(`${signed}.${made.toString("base64url")}`)).toBe("proof-malformed");
  });

  test("is refused: one made with a secret that a key in the header names", async () => {
    expect(await refusalOf(signJwt(claims(), "", { kid: "/dev/null" }))).toBe("proof-signature");
    expect(await refusalOf(signJwt(claims(), "x", { jwk: { kty: "oct", k: base64url("x") } }))).toBe(
      "proof-malformed",
    );
  });

  test.each([
    ["a list", "[1]"],
    ["a string", '"u1"'],
    ["null", "null"],
    ["not JSON", "{"],
    ["nothing", ""],
  ])("is refused: truly signed, but the claims are %s", async (_, text) => {
    const signed = `${base64url({ alg: "HS256" })}.${Buffer.from(text).toString("base64url")}`;
    const proof = `${signed}.${createHmac("sha256", SECRET).update(signed).digest("base64url")}`;
    expect(await refusalOf(proof)).toBe("proof-malformed");
  });
});

describe("a true signature over the wrong claims", () => {
  test.each([
    ["expired", { exp: inSeconds(-120) }, "proof-expired"],
    ["no exp", { exp: undefined }, "proof-lifetime"],
    ["exp null", { exp: null }, "proof-lifetime"],
    ["exp as text", { exp: String(inSeconds(60)) }, "proof-lifetime"],
    ["exp two hours ahead", { exp: inSeconds(7200) }, "proof-lifetime"],
    ["exp in milliseconds", { exp: inSeconds(600) * 1000 }, "proof-lifetime"],
    ["exp 0", { exp: 0 }, "proof-expired"],
    ["exp below zero", { exp: -1 }, "proof-expired"],
    ["iat in the future", { iat: inSeconds(600), exp: inSeconds(900) }, "proof-lifetime"],
    ["iat in milliseconds", { iat: inSeconds(0) * 1000 }, "proof-lifetime"],
    ["iat as text", { iat: "now" }, "proof-lifetime"],
    ["nbf in the future", { nbf: inSeconds(300) }, "proof-lifetime"],
    ["nbf as text", { nbf: "later" }, "proof-lifetime"],
    ["another audience", { aud: "another-service" }, "proof-audience"],
    ["an audience that begins the same", { aud: "vambe-identity.evil.example" }, "proof-audience"],
    ["an audience in capitals", { aud: "VAMBE-IDENTITY" }, "proof-audience"],
    ["no audience", { aud: undefined }, "proof-audience"],
    ["an empty list of audiences", { aud: [] }, "proof-audience"],
    ["an audience that is an object", { aud: { "vambe-identity": true } }, "proof-audience"],
    ["no sub", { sub: undefined }, "proof-claims"],
    ["sub null", { sub: null }, "proof-claims"],
    ["an empty sub", { sub: "" }, "proof-claims"],
    ["a sub that is an object", { sub: { id: "u1" } }, "proof-claims"],
    ["a sub that is a list", { sub: ["u1"] }, "proof-claims"],
    ["a sub with a line break", { sub: "u1\n" }, "proof-claims"],
    ["a sub with a zero byte", { sub: "u1\u0000admin" }, "proof-claims"],
    ["a sub that is too long", { sub: "x".repeat(256) }, "proof-claims"],
    ["a sub that JSON cannot carry exactly", { sub: 2 ** 53 }, "proof-claims"],
    ["a sub that stands for nobody", { sub: "undefined" }, "proof-claims"],
  ])("is refused: %s", async (_, changes, slug) => {
    expect(await refusalOf(signJwt(claims(changes), SECRET))).toBe(slug);
  });

  test("is refused: an exp beyond all numbers", async () => {
    const payload = JSON.stringify(claims()).replace(/"exp":\d+/, '"exp":1e999');
    expect(await refusalOf(signJwt(payload, SECRET))).toBe("proof-lifetime");
  });

  test("of two subs, as of everything that JSON has twice, the last counts for all", async () => {
    const twice = JSON.stringify(claims()).replace('"sub":"u1"', '"sub":"admin","sub":"u1"');
    expect(await prove(signJwt(twice, SECRET))).toMatchObject({ id: "u1" });
  });
});

test("a refusal never repeats the proof or what stands in it", async () => {
  const changes = { act: { name: "Jane Secretname" }, fields: { a: { email: "secret@example.com" } } };
  const proof = signProof(SECRET, "u1", changes);
  const error = await prove(proof).catch((problem: unknown) => problem);
  const said =
    error instanceof Problem ? JSON.stringify([error.message, error.errors, error.headers]) : "accepted";
  expect(said).not.toMatch(/Secretname|secret@|accepted/);
  expect(said).not.toContain(proof.split(".")[1]);
});

test("without a proof, or without a secret to check it with, there is nothing to say", async () => {
  expect(await proveByJwt([SECRET])({ user: { id: "u1" }, request, proof: undefined })).toBeUndefined();
  expect(
    await proveByJwt([])({ user: { id: "u1" }, request, proof: signProof(SECRET, "u1") }),
  ).toBeUndefined();
});
