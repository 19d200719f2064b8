import { expect, test } from "vitest";
import { falseDns, startBystander } from "../support/bystander.ts";
import { startIssuer } from "../support/issuer.ts";
import { worldOf } from "../support/issuer-world.ts";

/** VAMBE_OIDC_JWKS_URL: an address that the operator has written himself. */

test("is asked in place of the issuer, and may lead to this machine while the issuer is elsewhere", async () => {
  await using issuer = await startIssuer();
  const iss = "https://SSO.example.com:443/realms/shop";
  await using world = await worldOf(iss, {
    VAMBE_OIDC_JWKS_URL: `${issuer.upstream.url}/keys?p=b2c_1_susi`,
  });
  const identifyAs = async (named: string) =>
    world.page.identify({ id: "u1" }, await issuer.sign({ iss: named }));
  expect((await identifyAs(iss)).status).toBe(200);
  expect([issuer.asked("discovery"), issuer.asked()]).toEqual([0, 1]);
  for (const named of [
    `${iss}/`,
    "https://sso.example.com:443/realms/shop",
    "https://SSO.example.com/realms/shop",
  ]) {
    expect((await identifyAs(named)).problem()).toMatchObject({
      slug: "proof-claims",
      errors: [{ field: "iss", detail: expect.stringContaining("differs only in upper case") }],
    });
  }
});

test("may be a private address, which no document of an issuer may name", async () => {
  await using issuer = await startIssuer();
  await using bystander = await startBystander();
  const dns = falseDns("127.0.0.1");
  const keys = `https://keys.internal.example:${bystander.port}/keys`;
  await using world = await worldOf("https://issuer.example.com", { VAMBE_OIDC_JWKS_URL: keys, ...dns });
  const proof = await issuer.sign({ iss: "https://issuer.example.com" });
  expect((await world.page.identify({ id: "u1" }, proof)).problem().slug).toBe("issuer-unavailable");
  // It got there, and no further: what listens there is no TLS server.
  expect(bystander.connections()).toBe(1);
  expect(world.exchange.log().find(({ setting }) => setting === "VAMBE_OIDC_JWKS_URL")).toBeDefined();
});

test.each(["169.254.169.254", "168.63.129.16", "[fd00:ec2::254]"])(
  "is no way to a metadata service: %s",
  async (host) => {
    await using issuer = await startIssuer();
    await using world = await worldOf("https://issuer.example.com", {
      VAMBE_OIDC_JWKS_URL: `https://${host}/keys`,
    });
    const proof = await issuer.sign({ iss: "https://issuer.example.com" });
    expect((await world.page.identify({ id: "u1" }, proof)).problem().slug).toBe("issuer-unavailable");
    const logged = world.exchange.log().find(({ setting }) => setting === "VAMBE_OIDC_JWKS_URL");
    expect(logged?.cause).toMatch(/not one that may be asked/);
  },
);
