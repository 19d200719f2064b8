import { DatabaseSync } from "node:sqlite";
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, importJWK, jwtVerify, SignJWT } from "jose";
import { expect, test } from "vitest";
import { ORIGIN, startWorld, type World } from "../support/world.ts";

/** Whoever has got hold of the signing key can make tokens for anyone, until the key is retired. */

const holds = ({ exchange }: World, token: string) => {
  const jwks = createRemoteJWKSet(new URL("/.well-known/jwks.json", exchange.url));
  return jwtVerify(token, jwks, { issuer: exchange.url, audience: ORIGIN, typ: "vambe-identity+jwt" }).then(
    () => true,
    () => false,
  );
};

test("a token forged with a stolen signing key stops verifying once that key is retired", async () => {
  await using world = await startWorld();
  const { token } = (await world.signIn("mallory")).identity();
  const db = new DatabaseSync(world.database);
  const [stolen] = JSON.parse(
    String(db.prepare("SELECT value FROM secret WHERE name = 'signing-keys'").get()?.value),
  );
  db.close();
  const forge = async () =>
    new SignJWT({ ...decodeJwt(token), sub: "admin" })
      .setProtectedHeader({ ...decodeProtectedHeader(token), alg: "ES256" })
      .sign(await importJWK(stolen.jwk, "ES256"));
  expect(await holds(world, await forge())).toBe(true);

  const { code, output } = await world.command(["keys", "retire", stolen.kid, "--yes"]);
  expect(code, output).toBe(0);
  await expect.poll(async () => holds(world, await forge()), { timeout: 10_000 }).toBe(false);
  expect(await holds(world, token)).toBe(false);
  await expect
    .poll(async () => holds(world, (await world.signIn("jane")).identity().token), { timeout: 40_000 })
    .toBe(true);
});

test("a token made with a key of one's own, under the name of the exchange's, does not verify", async () => {
  await using world = await startWorld();
  const { token } = (await world.signIn("mallory")).identity();
  const { privateKey } = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, [
    "sign",
  ]);
  const forged = await new SignJWT({ ...decodeJwt(token), sub: "admin" })
    .setProtectedHeader({ ...decodeProtectedHeader(token), alg: "ES256" })
    .sign(privateKey);
  expect(await holds(world, token)).toBe(true);
  expect(await holds(world, forged)).toBe(false);
});
