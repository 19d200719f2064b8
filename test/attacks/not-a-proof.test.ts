import { createRemoteJWKSet, decodeJwt, EncryptJWT, exportSPKI, importJWK, jwtVerify } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { base64url, inSeconds, signJwt } from "../support/proofs.ts";
import { tracesIn } from "../support/traces.ts";
import { ORIGIN, startWorld, type World } from "../support/world.ts";

/** Something that was not made as a proof, or only looks like one, is shown as one. */

let world: World;
/** Our own token, as a visitor gets it. */
let token: string;
beforeAll(async () => {
  world = await startWorld();
  token = (await world.signIn("mallory", { plan: "free" })).identity().token;
});
afterAll(() => world[Symbol.asyncDispose]());

const parts = (jwt: string) => {
  const [header = "", payload = "", signature = ""] = jwt.split(".");
  return { header, payload, signature };
};
const refusal = async (id: unknown, proof: unknown): Promise<string> => {
  const before = tracesIn(world);
  const { slug } = (await world.page.identify({ id }, proof)).problem();
  expect(tracesIn(world)).toEqual(before);
  return slug;
};
const exchangeToken = (subject_token: string) =>
  world.page.send("/token", {
    method: "POST",
    headers: { origin: ORIGIN, "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({
      grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
      subject_token,
      subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
    }).toString(),
  });

describe("our own issued token used as a proof", () => {
  test("is a true token, and no proof: it could prolong itself for ever", async () => {
    const jwks = createRemoteJWKSet(new URL("/.well-known/jwks.json", world.exchange.url));
    const { payload } = await jwtVerify(token, jwks, { audience: ORIGIN });
    expect(payload).toMatchObject({ sub: "mallory", verified: true });
    expect(await refusal("mallory", token)).toBe("proof-malformed");
  });

  test("is refused by /token as well, and so is what /token issued", async () => {
    const good = await exchangeToken(world.proofFor("mallory", { plan: "free" }));
    expect(good.status, good.text).toBe(200);
    for (const own of [token, String(JSON.parse(good.text).access_token)]) {
      const answer = await exchangeToken(own);
      expect(answer.status).toBe(400);
      expect(JSON.parse(answer.text)).toMatchObject({ error: "invalid_request" });
      expect(answer.text).not.toContain("access_token");
    }
  });

  test.each([
    { alg: "ES256", typ: "JWT" },
    { alg: "ES256" },
    { alg: "HS256", typ: "JWT" },
    { alg: "none", typ: "JWT" },
  ])("is refused under another header: %j", async (header) => {
    const { payload, signature } = parts(token);
    expect(await refusal("mallory", `${base64url(header)}.${payload}.${signature}`)).toMatch(
      /^proof-(malformed|signature)$/,
    );
  });

  test("our public key, which anybody can fetch, is no secret to sign with", async () => {
    const jwks = JSON.parse((await world.page.send("/.well-known/jwks.json", {})).text);
    const jwk = jwks.keys[0];
    const key = await importJWK(jwk, "ES256", { extractable: true });
    if (key instanceof Uint8Array) throw new Error("not a public key");
    const pem = await exportSPKI(key);
    const secrets = [pem, pem.trim(), JSON.stringify(jwk), JSON.stringify(jwks), jwk.x, jwk.y, jwk.kid];
    for (const secret of secrets) {
      for (const kid of [undefined, jwk.kid]) {
        const claims = { sub: "admin", aud: "vambe-identity", exp: inSeconds(600) };
        expect(await refusal("admin", signJwt(claims, secret, { kid }))).toBe("proof-signature");
      }
    }
  });

  test("is no user_hash and no session either", async () => {
    expect((await world.page.identify({ id: "mallory", user_hash: token.slice(-64) })).problem().slug).toBe(
      "proof-user-hash",
    );
    const headers = { origin: ORIGIN, "content-type": "application/json", authorization: `Bearer ${token}` };
    const answer = await world.page.identify({ id: "mallory" }, undefined, { headers });
    expect(answer.problem().slug).toBe("proof-missing");
  });
});

describe("a signature that is stripped or borrowed", () => {
  test.each<[string, (p: ReturnType<typeof parts>) => string, RegExp]>([
    ["nothing after the dot", ({ header, payload }) => `${header}.${payload}.`, /signature/],
    ["no dot either", ({ header, payload }) => `${header}.${payload}`, /malformed/],
    ["nothing but the claims", ({ payload }) => `.${payload}.`, /malformed/],
    ["one letter", ({ header, payload }) => `${header}.${payload}.A`, /signature|malformed/],
    ["zeros", ({ header, payload }) => `${header}.${payload}.${"A".repeat(43)}`, /signature/],
    [
      "half of it",
      ({ header, payload, signature: s }) => `${header}.${payload}.${s.slice(0, 20)}`,
      /signature/,
    ],
    ["twice", ({ header, payload, signature: s }) => `${header}.${payload}.${s}${s}`, /signature|malformed/],
    ["the claims for it", ({ header, payload }) => `${header}.${payload}.${payload}`, /signature|malformed/],
    ["padded", ({ header, payload, signature: s }) => `${header}.${payload}.${s}=`, /malformed/],
    [
      "a line break after it",
      ({ header, payload, signature: s }) => `${header}.${payload}.${s}\n`,
      /malformed/,
    ],
    ["a blank in it", ({ header, payload, signature: s }) => `${header}.${payload}. ${s}`, /malformed/],
    ["a fourth part", ({ header, payload, signature: s }) => `${header}.${payload}.${s}.`, /malformed/],
    [
      "in upper case",
      ({ header, payload, signature: s }) => `${header}.${payload}.${s.toUpperCase()}`,
      /signature|malformed/,
    ],
  ])("does not verify: %s", async (_, change, slug) => {
    expect(await refusal("mallory", change(parts(world.proofFor("mallory", { plan: "x" }))))).toMatch(slug);
  });

  test("does not verify: that of one's own good proof under somebody else's claims", async () => {
    const own = parts(world.proofFor("mallory"));
    const others = base64url({ ...decodeJwt(world.proofFor("mallory")), sub: "admin" });
    expect(await refusal("admin", `${own.header}.${others}.${own.signature}`)).toBe("proof-signature");
  });
});

describe("another form of token than the compact JWS", () => {
  const claims = () => ({ sub: "admin", aud: "vambe-identity", exp: inSeconds(600) });

  test("a JWE, encrypted with the shared secret, is refused", async () => {
    for (const alg of ["dir", "A256KW", "A256GCMKW"]) {
      const jwe = await new EncryptJWT(claims())
        .setProtectedHeader({ alg, enc: "A256GCM", cty: "JWT" })
        .encrypt(Buffer.from(world.secret).subarray(0, 32));
      expect(await refusal("admin", jwe)).toBe("proof-malformed");
    }
  });

  test("a JWE that asks for millions of rounds of hashing is refused before the work begins", async () => {
    const header = base64url({ alg: "PBES2-HS512+A256KW", enc: "A256GCM", p2c: 2_147_483_647, p2s: "x" });
    // The work would take longer than a test may.
    expect(await refusal("admin", `${header}.AAAA.AAAA.AAAA.AAAA`)).toBe("proof-malformed");
    expect(await refusal("admin", `${header}.AAAA.AAAA`)).toBe("proof-malformed");
  });

  test("the JSON serialisations are refused, as text and as objects", async () => {
    const { header, payload, signature } = parts(world.proofFor("admin"));
    const signatures = [
      { protected: header, signature },
      { header: { alg: "none" }, signature: "" },
    ];
    const forms = [
      { payload, protected: header, signature },
      { payload, header: { alg: "none" }, signature: "" },
      { payload, signatures },
      { payload, signatures: signatures.toReversed() },
    ];
    for (const form of forms) {
      expect(await refusal("admin", form)).toBe("invalid-user");
      expect(await refusal("admin", JSON.stringify(form))).toBe("proof-malformed");
      expect(await refusal("admin", base64url(form))).toBe("proof-malformed");
    }
    expect(await refusal("admin", [world.proofFor("admin")])).toBe("invalid-user");
  });

  test("a JWT inside a JWT is refused: the outer one says who, not the inner one", async () => {
    const inner = world.proofFor("admin");
    expect(await refusal("admin", signJwt(inner, world.secret, { cty: "JWT" }))).toBe("proof-malformed");
    expect(await refusal("admin", signJwt(JSON.stringify(inner), world.secret))).toBe("proof-malformed");
  });

  test.each([`Bearer `, "JWT ", "\u0000", "\ufeff", "%"])(
    "a good proof behind %j is refused",
    async (prefix) => {
      expect(await refusal("admin", prefix + world.proofFor("admin"))).toBe("proof-malformed");
    },
  );

  test("nothing, in all its forms, is no proof", async () => {
    for (const proof of ["", ".", "..", "...", "null", "undefined", "[]", "{}", "0"])
      expect(await refusal("admin", proof)).toBe("proof-malformed");
    for (const proof of [null, undefined]) expect(await refusal("admin", proof)).toBe("proof-missing");
    for (const proof of [0, false, true, [], {}]) expect(await refusal("admin", proof)).toBe("invalid-user");
  });
});
