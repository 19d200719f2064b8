import { createHmac } from "node:crypto";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type RunningIssuer, startIssuer } from "../support/issuer.ts";
import { base64url, inSeconds, signJwt } from "../support/proofs.ts";
import { reply, startUpstream } from "../support/upstream.ts";
import { startWorld, type World } from "../support/world.ts";

let issuer: RunningIssuer;
let world: World;
beforeAll(async () => {
  issuer = await startIssuer();
  world = await startWorld({
    environment: { VAMBE_OIDC_ISSUER: issuer.url, VAMBE_OIDC_AUDIENCE: "client-1,vambe-identity" },
  });
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await issuer[Symbol.asyncDispose]();
});

const claims = (sub = "admin") => ({
  iss: issuer.iss,
  sub,
  aud: "vambe-identity",
  iat: inSeconds(0),
  exp: inSeconds(600),
});
const refusal = async (proof: string): Promise<string> => {
  const answer = await world.page.identify({ id: "admin" }, proof);
  expect(answer.status).toBe(401);
  expect(world.vambe.standIn.upserts()).toEqual([]);
  return answer.problem().slug;
};

describe("the issuer's public key as the secret of an HS256 proof", () => {
  test.each([
    ["as PEM", async () => (await issuer.publicKey()).pem],
    ["as PEM without the newline at the end", async () => (await issuer.publicKey()).pem.trim()],
    ["as a JWK", async () => JSON.stringify((await issuer.publicKey()).jwk)],
    ["as its modulus", async () => String((await issuer.publicKey()).jwk.n)],
    [
      "as its modulus in bytes",
      async () => Buffer.from(String((await issuer.publicKey()).jwk.n), "base64url"),
    ],
    ["as nothing", async () => ""],
  ])("verifies nothing: %s", async (_, secretOf) => {
    const { jwk } = await issuer.publicKey();
    const secret = await secretOf();
    for (const kid of [undefined, jwk.kid]) {
      const signed = `${base64url({ alg: "HS256", typ: "JWT", kid })}.${base64url(claims())}`;
      const signature = createHmac("sha256", secret).update(signed).digest("base64url");
      expect(await refusal(`${signed}.${signature}`)).toBe("proof-signature");
    }
  });

  test.each(["RS256", "ES256", "EdDSA", "Ed25519"])(
    "nor does the shared secret verify what says %s",
    async (alg) => {
      expect(await refusal(signJwt(claims(), world.secret, { alg }))).toBe("proof-signature");
    },
  );

  test("nor an HMAC key that stands in the issuer's key set", async () => {
    await using careless = await startIssuer();
    careless.publish([{ kty: "oct", k: base64url("x".repeat(32)), kid: "k", alg: "HS256" }]);
    await using other = await startWorld({
      environment: { VAMBE_OIDC_ISSUER: careless.url, VAMBE_OIDC_AUDIENCE: "vambe-identity" },
    });
    for (const alg of ["HS256", "RS256"]) {
      const proof = signJwt({ ...claims(), iss: careless.iss }, "x".repeat(32), { alg, kid: "k" });
      expect((await other.page.identify({ id: "admin" }, proof)).problem().slug).toBe("proof-signature");
    }
  });
});

describe("a key that the forger brings along", () => {
  test.each(["RS256", "ES256", "EdDSA", "Ed25519"])(
    "is not used: jwk, x5c, jku and x5u with %s",
    async (alg) => {
      const { privateKey, publicKey } = await generateKeyPair(alg);
      const jwk = { ...(await exportJWK(publicKey)), alg, kid: "forged" };
      const keySet = JSON.stringify({ keys: [jwk] });
      await using evil = await startUpstream(reply(200, keySet, { "content-type": "application/json" }));
      const headers = [{ jwk }, { x5c: ["MIIB"] }, { jku: `${evil.url}/keys` }, { x5u: `${evil.url}/cert` }];
      for (const header of headers) {
        const forged = new SignJWT(claims()).setProtectedHeader({ alg, kid: "forged", ...header });
        expect(await refusal(await forged.sign(privateKey))).toBe("proof-malformed");
      }
      expect(evil.seen).toEqual([]);
    },
  );

  test("is not used in an HS256 proof either", async () => {
    const jwk = { kty: "oct", k: base64url("x".repeat(32)) };
    expect(await refusal(signJwt(claims(), "x".repeat(32), { jwk }))).toBe("proof-malformed");
  });

  test("is not used beside the issuer's own kid", async () => {
    const { privateKey } = await generateKeyPair("RS256");
    expect(await refusal(await issuer.sign(claims(), {}, privateKey))).toBe("proof-signature");
  });

  test.each(["../../etc/passwd", "https://evil.example/keys", "' OR 1=1 --", "__proto__", "x".repeat(4000)])(
    "is not found by a kid such as %s",
    async (kid) => {
      expect(await refusal(await issuer.sign(claims(), { kid }))).toBe("proof-signature");
    },
  );
});

describe("a true token of the issuer", () => {
  test.each([
    [
      "none for an algorithm",
      async () => `${base64url({ alg: "none" })}.${base64url(claims())}.`,
      "proof-malformed",
    ],
    [
      "an unknown crit",
      async () => issuer.sign(claims(), { typ: undefined, crit: ["b64"], b64: true }),
      "proof-malformed",
    ],
    ["an access token's typ", async () => issuer.sign(claims(), { typ: "at+jwt" }), "proof-malformed"],
    [
      "our own token's typ",
      async () => issuer.sign(claims(), { typ: "vambe-identity+jwt" }),
      "proof-malformed",
    ],
    ["another app's audience", async () => issuer.sign({ ...claims(), aud: "other" }), "proof-audience"],
    ["no audience", async () => issuer.sign({ ...claims(), aud: undefined }), "proof-audience"],
    [
      "another issuer's name",
      async () => issuer.sign({ ...claims(), iss: "https://evil.example" }),
      "proof-claims",
    ],
    ["another user", async () => issuer.sign(claims("u1")), "proof-other-user"],
  ])("is refused for %s", async (_, make, slug) => {
    expect(await refusal(await make())).toBe(slug);
  });

  test("of another issuer is refused, whatever it calls itself", async () => {
    await using evil = await startIssuer();
    expect(await refusal(await evil.sign({ ...claims(), iss: issuer.iss }))).toBe("proof-signature");
    expect(await refusal(await evil.sign(claims(), { kid: (await issuer.publicKey()).jwk.kid }))).toBe(
      "proof-signature",
    );
    expect(evil.asked("discovery")).toBe(0);
  });

  test("may have 16 KB, for groups and roles take room, and not a letter more", async () => {
    const signed = async (length: number) =>
      issuer.sign({ sub: "u1", groups: "g".repeat(length), aud: "client-1" });
    const base = (await signed(0)).length;
    // Three letters of a claim are four of the token.
    const fitting = await signed(Math.floor(((16_384 - base) * 3) / 4) - 2);
    expect(fitting.length).toBeGreaterThan(16_370);
    expect(fitting.length).toBeLessThanOrEqual(16_384);
    const fields = Object.fromEntries(Array.from({ length: 9 }, (_, n) => [`field-${n}`, "x".repeat(1000)]));
    expect((await world.page.identify({ id: "u1", fields }, fitting)).status).toBe(200);
    const { status, ...answer } = await world.page.identify({ id: "u1" }, await signed(12_500));
    expect([status, answer.problem().errors?.[0]?.field]).toEqual([400, "proof"]);
  });

  test("is accepted where nothing is wrong with it, and the plan that the page claims is not", async () => {
    const proof = await issuer.sign({ name: "Jane", plan: "free", aud: "client-1" });
    const { user, ignored } = (
      await world.page.identify({ id: "u1", plan: "enterprise", email: "boss@example.com" }, proof)
    ).identity();
    expect(user).toEqual({ id: "u1", verified: true, name: "Jane", plan: "free" });
    expect(ignored).toEqual([
      { trait: "email", reason: "unproven" },
      { trait: "plan", reason: "differs-from-proof" },
    ]);
    expect((await world.page.identify({ id: "u2" }, world.proofFor("u2"))).status).toBe(200);
  });
});
