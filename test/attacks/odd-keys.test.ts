import { expect, test } from "vitest";
import { startIssuer } from "../support/issuer.ts";
import { identify, worldOf } from "../support/issuer-world.ts";

/** One odd key in an issuer's set, or an odd type of its documents, does not stop everybody (RFC 7517 §5). */

test("entries of other kinds are passed over, and the good one serves", async () => {
  await using issuer = await startIssuer();
  await using world = await worldOf(issuer.url);
  const { jwk } = await issuer.publicKey();
  issuer.publish([
    null,
    1,
    "key",
    [],
    {},
    { kid: jwk.kid },
    { kty: null, kid: jwk.kid },
    { kty: "AKP", alg: "ML-DSA-44", pub: "AAAA", kid: jwk.kid },
    { kty: "oct", k: "c2VjcmV0", kid: jwk.kid, alg: "RS256" },
    { kty: "OKP", crv: "X25519", x: "AAAA", kid: jwk.kid },
    { kty: "EC", crv: "P-999", x: "AAAA", y: "AAAA", kid: jwk.kid },
    { ...jwk, use: "enc" },
    { ...jwk, key_ops: "verify" },
    jwk,
  ]);
  expect((await identify(world, issuer)).status).toBe(200);
  expect(world.exchange.log().filter(({ level }) => level === "error")).toEqual([]);
});

test("two keys of one kid are both tried, a broken one beside them too", async () => {
  await using issuer = await startIssuer();
  await using stranger = await startIssuer();
  await using world = await worldOf(issuer.url);
  const { jwk } = await issuer.publicKey();
  const other = (await stranger.publicKey()).jwk;
  issuer.publish([{ ...jwk, n: "AAAA" }, { ...other, kid: jwk.kid }, jwk]);
  expect((await identify(world, issuer)).status).toBe(200);
  issuer.publish([jwk, { ...other, kid: jwk.kid }]);
  await world.exchange.restart();
  expect((await identify(world, issuer)).status).toBe(200);
  const forged = await stranger.sign({ iss: issuer.iss }, { kid: "nobody's" });
  expect((await world.page.identify({ id: "u1" }, forged)).problem().slug).toBe("proof-signature");
});

test("more keys than anybody has: the first hundred that can be used serve", async () => {
  await using issuer = await startIssuer();
  await using world = await worldOf(issuer.url);
  const { jwk } = await issuer.publicKey();
  issuer.publish([...Array(200).fill(null), jwk, ...Array(200).fill({ ...jwk, kid: "another" })]);
  expect((await identify(world, issuer)).status).toBe(200);
});

test.each([
  "text/html",
  "text/plain; charset=utf-8",
  "application/octet-stream",
  "application/jwk-set+json",
  "",
])("JSON that is served as %j is read", async (type) => {
  await using issuer = await startIssuer();
  await using world = await worldOf(issuer.url);
  issuer.serveAs(type);
  expect((await identify(world, issuer)).status).toBe(200);
});
