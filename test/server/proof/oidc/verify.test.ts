import { generateKeyPair } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { proveByJwt } from "../../../../server/proof/jwt.ts";
import { type RunningIssuer, startIssuer } from "../../../support/issuer.ts";
import { base64url, inSeconds, signProof } from "../../../support/proofs.ts";
import { outcomeOf } from "../../../support/refusal.ts";
import { CLIENT, proverFor, request, SECRET } from "./prover.ts";

describe("an ID token", () => {
  let issuer: RunningIssuer;
  let prove: ReturnType<typeof proverFor>;
  beforeAll(async () => {
    issuer = await startIssuer();
    prove = proverFor(issuer);
  });
  afterAll(() => issuer[Symbol.asyncDispose]());
  const verdict = async (claims: object, header: object = {}) =>
    outcomeOf(prove(await issuer.sign({ ...claims }, { ...header })));

  test.each([
    ["no typ", {}, { typ: undefined }],
    ["no kid, where the issuer has one key", {}, { kid: undefined }],
    ["one audience, in a list", { aud: [CLIENT] }, {}],
    ["several audiences, and azp is ours", { aud: ["other", CLIENT], azp: CLIENT }, {}],
    ["an exp 24 hours ahead", { exp: inSeconds(24 * 3600) }, {}],
    ["an exp that has just passed, for clocks differ", { exp: inSeconds(-30) }, {}],
    ["an iat just ahead, for clocks differ", { iat: inSeconds(30) }, {}],
    [
      "times with fractions",
      { iat: inSeconds(0) + 0.5, exp: inSeconds(60) + 0.25, nbf: inSeconds(0) - 0.5 },
      {},
    ],
  ])("may have %s", async (_, claims, header) => {
    expect(await verdict(claims, header)).toBe("accepted");
  });

  test.each([
    ["no exp", { exp: undefined }, "proof-lifetime"],
    ["exp as text", { exp: String(inSeconds(60)) }, "proof-lifetime"],
    ["exp beyond 24 hours", { exp: inSeconds(24 * 3600 + 120) }, "proof-lifetime"],
    ["exp in the year 9999", { exp: 253_402_300_799 }, "proof-lifetime"],
    ["an exp that has passed", { exp: inSeconds(-90) }, "proof-expired"],
    ["no iat", { iat: undefined }, "proof-lifetime"],
    ["iat in the future", { iat: inSeconds(90) }, "proof-lifetime"],
    ["nbf in the future", { nbf: inSeconds(90) }, "proof-lifetime"],
    ["auth_time in the future", { auth_time: inSeconds(90) }, "proof-lifetime"],
    ["auth_time as text", { auth_time: "now" }, "proof-lifetime"],
    ["another audience", { aud: "other" }, "proof-audience"],
    ["our own proofs' audience", { aud: "vambe-identity" }, "proof-audience"],
    ["no audience", { aud: undefined }, "proof-audience"],
    ["an empty list of audiences", { aud: [] }, "proof-audience"],
    ["an empty audience", { aud: "", azp: CLIENT }, "proof-audience"],
    ["null for an audience", { aud: null, azp: CLIENT }, "proof-audience"],
    ["an audience that azp is to rescue", { aud: "other", azp: CLIENT }, "proof-audience"],
    ["several audiences and no azp", { aud: [CLIENT, "other"] }, "proof-audience"],
    ["several audiences and another's azp", { aud: [CLIENT, "other"], azp: "other" }, "proof-audience"],
    ["a client_id in place of an audience", { aud: undefined, client_id: CLIENT }, "proof-audience"],
    ["a client_id of another app", { client_id: "other" }, "proof-audience"],
    ["another issuer", { iss: "https://evil.example" }, "proof-claims"],
    ["no issuer", { iss: undefined }, "proof-claims"],
    ["no sub", { sub: undefined }, "proof-claims"],
    ["an empty sub", { sub: "" }, "proof-claims"],
    ["the token_use of Cognito's access tokens", { token_use: "access" }, "proof-malformed"],
    ["the typ of Keycloak's access tokens", { typ: "Bearer" }, "proof-malformed"],
    ["a session that waits for a second factor", { sts: "pending" }, "proof-malformed"],
  ])("is refused for %s", async (_, claims, slug) => {
    expect(await verdict(claims)).toBe(slug);
  });

  test.each([
    [{ aud: "other" }, "`aud` (where it has none, its `azp`) is no app of yours"],
    [{ aud: undefined }, "`aud` (where it has none, its `azp`) is no app of yours"],
    [{ aud: undefined, azp: "other" }, "`azp` says that another app was given it"],
    [{ aud: [CLIENT, "other"] }, "`aud` names several apps, and no `azp` says which of them was given it"],
    [{ aud: [CLIENT, "other"], azp: "other" }, "`azp` says that another app was given it"],
    [{ azp: "other" }, "`azp` says that another app was given it"],
    [{ client_id: "other" }, "`client_id` says that another app was given it"],
  ])("for another app is told why, and where to list it: %j", async (claims, why) => {
    await expect(issuer.sign(claims).then(prove)).rejects.toThrow(
      `The proof's ${why}. VAMBE_OIDC_AUDIENCE has to list it, if it is yours.`,
    );
  });

  test.each([
    ["exp", { exp: inSeconds(25 * 3600) }, /`exp` must be at most 24 hours ahead, in seconds/],
    ["auth_time", { auth_time: inSeconds(90) }, /`auth_time` is (8\d|90) seconds ahead/],
  ])("whose %s is wrong is told what it may be", async (_, claims, why) => {
    await expect(issuer.sign(claims).then(prove)).rejects.toThrow(why);
  });

  test("without a sub is told which claim is missing", async () => {
    await expect(issuer.sign({ sub: undefined }).then(prove)).rejects.toMatchObject({
      errors: [{ field: "sub", detail: "is required: the user's id" }],
    });
  });

  test("is refused where the issuer writes itself with a slash and the token does not", async () => {
    await using auth0 = await startIssuer({ path: "/" });
    const proveThere = proverFor(auth0);
    expect(await outcomeOf(proveThere(await auth0.sign()))).toBe("accepted");
    expect(await outcomeOf(proveThere(await auth0.sign({ iss: auth0.url })))).toBe("proof-claims");
  });

  test.each([
    ["an access token's typ", { typ: "at+jwt" }],
    ["our own token's typ", { typ: "vambe-identity+jwt" }],
    ["a logout token's typ", { typ: "logout+jwt" }],
  ])("is refused for %s", async (_, header) => {
    expect(await verdict({}, header)).toBe("proof-malformed");
  });

  test("is refused with PS256, though the key would do for it", async () => {
    await using other = await startIssuer({ alg: "PS256" });
    expect(await outcomeOf(proverFor(other)(await other.sign()))).toBe("proof-malformed");
  });

  test.each(["RS256", "ES256", "EdDSA", "Ed25519"] as const)("may be signed with %s", async (alg) => {
    await using other = await startIssuer({ alg });
    expect(await outcomeOf(proverFor(other)(await other.sign()))).toBe("accepted");
    const stranger = (await generateKeyPair(alg)).privateKey;
    expect(await outcomeOf(proverFor(other)(await other.sign({}, {}, stranger)))).toBe("proof-signature");
  });

  test("is refused where the issuer's key is too short for anybody, or broken", async () => {
    await using weak = await startIssuer();
    const { jwk } = await weak.publicKey();
    for (const n of ["AAAA", "", String(jwk.n).slice(0, 170)]) {
      weak.publish([{ ...jwk, n }]);
      expect(await outcomeOf(proverFor(weak)(await weak.sign()))).toBe("proof-signature");
    }
  });

  test.each([
    ["EdDSA", "Ed25519"],
    ["Ed25519", "EdDSA"],
    ["Ed25519", undefined],
  ] as const)(
    "that says %s is verified with a key that says %s: they are one (RFC 9864)",
    async (alg, said) => {
      await using other = await startIssuer({ alg });
      const { jwk } = await other.publicKey();
      other.publish([{ ...jwk, alg: said }]);
      expect(await outcomeOf(proverFor(other)(await other.sign()))).toBe("accepted");
      other.publish([{ ...jwk, alg: "ES256" }]);
      expect(await outcomeOf(proverFor(other)(await other.sign()))).toBe("proof-signature");
    },
  );

  test("is refused once a letter of it is another", async () => {
    const [header, , signature] = (await issuer.sign()).split(".");
    const claims = { iss: issuer.iss, sub: "admin", aud: CLIENT, iat: inSeconds(0), exp: inSeconds(60) };
    expect(await outcomeOf(prove(`${header}.${base64url(claims)}.${signature}`))).toBe("proof-signature");
  });

  test("that has expired is called so, also where another key of its kid does not verify it", async () => {
    await using other = await startIssuer();
    await using stranger = await startIssuer();
    const { jwk } = await other.publicKey();
    other.publish([jwk, { ...(await stranger.publicKey()).jwk, kid: jwk.kid }]);
    const proveThere = proverFor(other);
    expect(await outcomeOf(proveThere(await other.sign()))).toBe("accepted");
    expect(await outcomeOf(proveThere(await other.sign({ exp: inSeconds(-90) })))).toBe("proof-expired");
  });

  test("whose claims are no JSON object is refused before its issuer is looked for", async () => {
    const [header, , signature] = (await issuer.sign()).split(".");
    for (const text of ["[]", "null", "{", ""]) {
      expect(await outcomeOf(prove(`${header}.${base64url(text)}.${signature}`))).toBe("proof-malformed");
    }
  });

  test("without a kid is refused where the issuer has several keys", async () => {
    await using other = await startIssuer();
    const { jwk } = await other.publicKey();
    other.publish([jwk, { ...jwk, kid: "second" }]);
    const withoutKid = proverFor(other)(await other.sign({}, { kid: undefined }));
    await expect(withoutKid).rejects.toMatchObject({
      slug: "proof-malformed",
      message: "The proof needs a `kid`: the issuer has several keys.",
    });
  });
});

describe("both kinds of key", () => {
  test("serve side by side, each for its own algorithms", async () => {
    await using issuer = await startIssuer();
    const prove = proverFor(issuer);
    expect(await outcomeOf(prove(signProof(SECRET, "u1")))).toBe("accepted");
    expect(await outcomeOf(prove(await issuer.sign()))).toBe("accepted");
  });

  test("a shared-secret proof is refused where there is no secret, and an ID token where there is no issuer", async () => {
    await using issuer = await startIssuer();
    expect(await outcomeOf(proverFor(issuer, { secrets: [] })(signProof(SECRET, "u1")))).toBe(
      "proof-malformed",
    );
    expect(issuer.asked()).toBe(0);
    const token = await issuer.sign();
    expect(await outcomeOf(proveByJwt([SECRET])({ user: { id: "u1" }, request, proof: token }))).toBe(
      "proof-malformed",
    );
  });
});
