import { createHmac, createPrivateKey, createPublicKey, sign } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { selfSigned } from "../support/certificate.ts";
import { base64url, inSeconds, signJwt, signProof } from "../support/proofs.ts";
import { NO_TRACES, tracesIn } from "../support/traces.ts";
import { reply, startUpstream, type Upstream } from "../support/upstream.ts";
import { startWorld, type World } from "../support/world.ts";

/** A visitor makes a proof of his own, without the site's secret or beside what the exchange agreed to take. */

type Json = Record<string, unknown>;

let world: World;
/** Takes a visitor without a proof, and whatever he says of himself: a bad proof is not the same as none. */
let lenient: World;
let evil: Upstream;
beforeAll(async () => {
  evil = await startUpstream(reply(200, "{}", { "content-type": "application/json" }));
  world = await startWorld({ environment: { VAMBE_PROOF_ONCE: "true" } });
  lenient = await startWorld({
    environment: { VAMBE_ALLOW_UNVERIFIED: "true", VAMBE_UNPROVEN_TRAITS: "apply" },
  });
});
afterAll(async () => {
  for (const each of [world, lenient, evil]) await each[Symbol.asyncDispose]();
});

const claims = (changes: Json = {}) => ({
  sub: "admin",
  aud: "vambe-identity",
  jti: crypto.randomUUID(),
  iat: inSeconds(0),
  exp: inSeconds(600),
  plan: "enterprise",
  ...changes,
});

/** Both exchanges refuse it for this reason, and neither does anything. */
async function expectRefused(make: (secret: string) => unknown, slug = "proof-malformed") {
  for (const each of [world, lenient]) {
    const answer = await each.page.identify({ id: "admin" }, make(each.secret));
    expect(answer.problem().slug).toBe(slug);
    expect(answer.text).not.toContain("eyJ");
    expect(tracesIn(each)).toEqual(NO_TRACES);
  }
}

const macs = (signed: string, key: string | Buffer) =>
  ["sha1", "sha256", "sha384", "sha512"].map((hash) =>
    createHmac(hash, key).update(signed).digest("base64url"),
  );

describe("alg: none", () => {
  test.each([
    ["none"],
    ["None"],
    ["NONE"],
    ["nOnE"],
    [" none"],
    ["none "],
    ["none\u0000"],
    ["\uff4eone"],
    [""],
    [null],
    [undefined],
    [false],
    [0],
    [[]],
    [["none"]],
    [{}],
  ])("written %j is refused, with no signature, a made-up one and even a true one", async (alg) => {
    const signed = () => `${base64url({ alg, typ: "JWT" })}.${base64url(claims())}`;
    await expectRefused(() => `${signed()}.`);
    await expectRefused(() => `${signed()}.${base64url("signature")}`);
    await expectRefused((secret) => signJwt(claims(), secret, { alg }));
  });

  test("twice in one header, beside the right one, is read one way only", async () => {
    const signed = (header: string) => `${base64url(header)}.${base64url(claims())}`;
    await expectRefused(() => `${signed('{"alg":"HS256","alg":"none"}')}.`);
    await expectRefused(() => `${signed('{"alg":"none","alg":"HS256"}')}.`, "proof-signature");
    await expectRefused(() => `${signed('{"__proto__":{"alg":"none"}}')}.`);
  });
});

describe("another alg than HS256", () => {
  test.each([
    ..."HS384 HS512 HS1 hs256 Hs256 HMAC HmacSHA256 HS256, RS256 RS384 PS256 ES256 ES256K ES384 EdDSA Ed25519 dir A256KW".split(
      " ",
    ),
    "HS256 ",
    "HS256\u0000",
    "toString",
    "__proto__",
  ])("%j is refused, even where the site's own secret signed it", async (alg) => {
    const signed = `${base64url({ alg, typ: "JWT" })}.${base64url(claims())}`;
    for (let hash = 0; hash < 4; hash++) {
      await expectRefused((secret) => `${signed}.${macs(signed, secret)[hash]}`);
    }
  });

  test.each([[["HS256"]], [{ toString: "HS256" }], [256], [true]])(
    "%j is no text and refused",
    async (alg) => {
      await expectRefused((secret) => signJwt(claims(), secret, { alg }));
    },
  );

  test("a shorter or longer HMAC under the right name does not verify", async () => {
    const signed = `${base64url({ alg: "HS256", typ: "JWT" })}.${base64url(claims())}`;
    for (const hash of [0, 2, 3])
      await expectRefused((secret) => `${signed}.${macs(signed, secret)[hash]}`, "proof-signature");
  });
});

describe("a key that the proof brings along", () => {
  const key = "k".repeat(32);
  const jwk = { kty: "oct", k: base64url(key), kid: "evil", alg: "HS256" };

  test.each<[string, () => Json]>([
    ["jwk", () => ({ jwk, kid: "evil" })],
    ["jwk that is null", () => ({ jwk: null })],
    ["jku", () => ({ jku: `${evil.url}/keys`, kid: "evil" })],
    ["jku on the exchange itself", () => ({ jku: `${world.exchange.url}/.well-known/jwks.json` })],
    ["x5u", () => ({ x5u: `${evil.url}/cert` })],
    ["x5c", () => ({ x5c: [base64url(key)] })],
    ["x5c that is empty", () => ({ x5c: [] })],
    ["all of them", () => ({ jwk, jku: evil.url, x5u: evil.url, x5c: [] })],
  ])("(%s) is not used, and not asked for", async (_, header) => {
    await expectRefused(() => signJwt(claims(), key, header()));
    // Not even where the signature is true: nobody who means well sends such a thing.
    await expectRefused((secret) => signJwt(claims(), secret, header()));
    expect(evil.seen).toEqual([]);
  });

  test("in a certificate of one's own is not used", async () => {
    const { key: pem, cert } = selfSigned("admin.example.com");
    const x5c = [cert.replace(/-----[^-]+-----|\s/g, "")];
    const signed = `${base64url({ alg: "ES256", typ: "JWT", x5c })}.${base64url(claims())}`;
    const signature = sign("sha256", Buffer.from(signed), { key: pem, dsaEncoding: "ieee-p1363" });
    expect(createPublicKey(createPrivateKey(pem)).asymmetricKeyType).toBe("ec");
    await expectRefused(() => `${signed}.${signature.toString("base64url")}`);
  });

  test.each([
    ["/dev/null", ""],
    ["../../../../../../dev/null", ""],
    ["/proc/sys/kernel/ostype", "Linux\n"],
    ["package.json", "{"],
    ["' UNION SELECT 'k' --", "k"],
    ["| echo k", "k\n"],
    ["%00", "\u0000"],
    ["https://evil.example/k", "k"],
    ["__proto__", "[object Object]"],
    ["constructor", "function Object() { [native code] }"],
    ["0", "undefined"],
    ["", "null"],
  ])("is not found by the kid %j", async (kid, secret) => {
    await expectRefused(() => signJwt(claims(), secret, { kid }), "proof-signature");
    expect(evil.seen).toEqual([]);
  });

  test.each([[null], [1], [["k"]], [{ k: "k" }]])(
    "is not found by a kid that is no text: %j",
    async (kid) => {
      await expectRefused((secret) => signJwt(claims(), secret, { kid }));
    },
  );
});

describe("a header that changes what the proof means", () => {
  test.each<[string, Json]>([
    ["an unknown crit", { crit: ["urn:example:evil"], "urn:example:evil": true }],
    ["a crit of a claim", { crit: ["exp"], exp: inSeconds(600) }],
    ["a crit without its member", { crit: ["b64"] }],
    ["an empty crit", { crit: [] }],
    ["a crit that is null", { crit: null }],
    ["a crit that is a text", { crit: "b64", b64: true }],
    ["a crit that names itself", { crit: ["crit"] }],
    ["b64: true under crit", { crit: ["b64"], b64: true }],
    ["b64: false under crit", { crit: ["b64"], b64: false }],
  ])("is refused: %s", async (_, header) => {
    await expectRefused((secret) => signJwt(claims(), secret, header));
  });

  test("b64: false does not get unencoded claims in", async () => {
    const header = base64url({ alg: "HS256", b64: false, crit: ["b64"] });
    for (const payload of [JSON.stringify(claims()), base64url(claims()), ""]) {
      const mac = (secret: string) =>
        createHmac("sha256", secret).update(`${header}.${payload}`).digest("base64url");
      await expectRefused((secret) => `${header}.${payload}.${mac(secret)}`);
    }
  });

  test.each([
    ..."at+jwt vambe-identity+jwt VAMBE-IDENTITY+JWT logout+jwt secevent+jwt dpop+jwt JOSE JWE JWT2".split(
      " ",
    ),
    "",
    "JWT ",
    "JWT\u0000",
    null,
    1,
    ["JWT"],
    { typ: "JWT" },
  ])("a typ of %j is refused: it was signed for something else", async (typ) => {
    await expectRefused((secret) => signJwt(claims(), secret, { typ }));
  });
});

test("a proof with another site's secret, a near miss or an empty one does not verify", async () => {
  const near = [(s: string) => s.slice(0, -1), (s: string) => s.toUpperCase(), (s: string) => `${s} `];
  for (const change of [() => "", () => "x".repeat(32), ...near])
    await expectRefused((secret) => signJwt(claims(), change(secret)), "proof-signature");
});

test("what is refused above for its header alone is a good proof without it", async () => {
  for (const each of [world, lenient]) {
    const proof = signProof(each.secret, "jane", { jti: crypto.randomUUID() }, { kid: "2026-01" });
    const { user } = (await each.page.identify({ id: "jane" }, proof)).identity();
    expect(user).toEqual({ id: "jane", verified: true });
    expect(tracesIn(each)).toMatchObject({ upserts: 1, rows: { contact: 1 } });
  }
});
