import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SqliteLedger } from "../../../server/ledger/sqlite/ledger.ts";
import { secretIdOf } from "../../../server/proof/secret-use.ts";
import { dataKeyOf } from "../../support/data-key.ts";
import { eventually } from "../../support/eventually.ts";
import { freePort } from "../../support/free-port.ts";
import { type RunningIssuer, startIssuer } from "../../support/issuer.ts";
import { createPage } from "../../support/page.ts";
import { signProof } from "../../support/proofs.ts";
import { hang, type Misbehaviour, reply, startUpstream, type Upstream } from "../../support/upstream.ts";
import { type HealthyWorld, type Mark, startHealthyWorld } from "./doctor.ts";

let world: HealthyWorld;
let issuer: RunningIssuer;
let site: Upstream;
beforeAll(async () => {
  world = await startHealthyWorld();
  issuer = await startIssuer();
  site = await startUpstream(hang);
});
afterAll(async () => {
  await site.close();
  await issuer[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});

describe("an issuer", () => {
  const doctor = (more: Record<string, string> = {}) =>
    world.doctor({ VAMBE_OIDC_ISSUER: issuer.url, VAMBE_OIDC_AUDIENCE: "client-1", ...more });
  const host = () => new URL(issuer.url).host;

  test("that has its keys where they should be, and whose clock is asked too", async () => {
    const { shows } = await doctor();
    shows("✓", "issuer", new RegExp(`^${host()} publishes 1 key$`));
    shows("✓", "clock", /Vambe/);
  });

  test("whose clock is another", async () => {
    await using late = await startUpstream(
      reply(200, "{}", {
        "content-type": "application/json",
        date: new Date(Date.now() - 200_000).toUTCString(),
      }),
    );
    const { shows } = await doctor({ VAMBE_OIDC_ISSUER: late.url });
    shows(
      "✗",
      "clock",
      new RegExp(`(199|20\\d) s ahead of that of ${new URL(late.url).host}`),
      /time server/,
    );
    shows("✓", "clock", /agrees with that of Vambe|s (ahead|behind).*Vambe/);
  });

  test("that is not there", async () => {
    const { shows } = await doctor({ VAMBE_OIDC_ISSUER: `http://127.0.0.1:${await freePort()}` });
    shows("✗", "issuer", /nobody listens there/, /VAMBE_OIDC_ISSUER/);
  });

  test.each<[string, () => void, RegExp, RegExp]>([
    [
      "publishes no key",
      () => issuer.publish([]),
      /publishes no key that can be used/,
      /RS256, ES256 or EdDSA/,
    ],
    [
      "names another",
      () => issuer.discover({ issuer: "https://other.example.com" }),
      /names another issuer/,
      /in issuer/,
    ],
    [
      "has no discovery",
      () => issuer.misbehave(reply(404), "everything"),
      /answers with 404/,
      /openid-configuration/,
    ],
    [
      "answers a page",
      () => issuer.misbehave(reply(200, "<html>"), "everything"),
      /is not JSON/,
      /in a browser/,
    ],
    ["never answers", () => issuer.misbehave(hang, "everything"), /no answer within|too long/, /firewall/],
    [
      "has keys in a private network",
      () => issuer.discover({ jwks_uri: "https://10.1.2.3/keys" }),
      /not one that may be asked/,
      /VAMBE_OIDC_JWKS_URL/,
    ],
  ])("that %s", async (_, misbehave, says, remedy) => {
    misbehave();
    try {
      (await doctor()).shows("✗", "issuer", says, remedy);
    } finally {
      issuer.misbehave();
      issuer.discover({});
      const { jwk } = await issuer.publicKey();
      issuer.publish([jwk]);
    }
  });

  test("several: each has a line of its own", async () => {
    await using other = await startIssuer();
    const { shows } = await doctor({
      VAMBE_OIDC_ISSUER: `${issuer.url},${other.url}`,
      VAMBE_OIDC_AUDIENCE: `${issuer.url}=a,${other.url}=b`,
    });
    for (const { url } of [issuer, other])
      shows("✓", "issuer", new RegExp(`^${new URL(url).host} publishes`));
  });

  test("with a mistake in its settings is not asked", async () => {
    const { shows } = await doctor({ VAMBE_OIDC_ISSUER: "https://login.microsoftonline.com/common/v2.0" });
    shows("–", "issuer", /VAMBE_OIDC_ISSUER is wrong: see the settings/);
  });
});

const json = (body: unknown): Misbehaviour =>
  reply(200, JSON.stringify(body), { "content-type": "application/json" });

describe("the site's session endpoint", () => {
  test.each<[string, Misbehaviour, Mark, RegExp, RegExp?]>([
    ["says 401", reply(401), "✓", /answers 401 to who brings no cookie/],
    ["says null", json({ user: null }), "✓", /nobody is signed in/],
    [
      "names somebody",
      json({ id: "user-1", name: "Ana Rivera" }),
      "✗",
      /every visitor would be that user/,
      /let it answer 401/,
    ],
    ["names somebody who cannot be", json({ id: "user-1", name: 7 }), "✗", /every visitor would be/, /401/],
    [
      "has an id elsewhere",
      json({ user: { email: "somebody@example.com", accountId: "7" } }),
      "!",
      /answers without an id/,
      /VAMBE_SESSION_FIELDS.*id:user\.accountId/,
    ],
    [
      "is a page",
      reply(200, "<html>", { "content-type": "text/html" }),
      "✗",
      /is not JSON: is it a page/,
      /answers JSON/,
    ],
    ["leads to a login", reply(302, "", { location: "/login" }), "✗", /redirect \(302\).*the login/, /401/],
    ["is not there", reply(404), "✗", /answers 404/, /look at the path/],
    ["never answers", hang, "✗", /no answer within|too long/, /let it answer sooner/],
  ])("%s", async (_, how, mark, says, remedy) => {
    site.behave(how);
    const { shows, text } = await world.doctor({ VAMBE_SESSION_URL: `${site.url}/api/me` });
    shows(mark, "VAMBE_SESSION_URL", says, remedy);
    expect(text).not.toMatch(/Ana|Rivera|somebody@/);
  });

  test("is shown no cookie, and the page's origin", () => {
    expect(site.seen.length).toBeGreaterThan(0);
    for (const { head } of site.seen) {
      expect(head).not.toMatch(/^cookie:/im);
      expect(head).toMatch(/^origin: http:\/\/localhost:3000$/im);
    }
  });
});

describe("several secrets", () => {
  const [first, second] = ["d1c09e5f3a48264c0e9d7f1a2b3c4db7", "7f1a2b3c4db7d1c09e5f3a48264c0e9d"];

  test("say which can go, by what they have verified", async () => {
    await using two = await startHealthyWorld({ VAMBE_IDENTITY_SECRET: `${first},${second}` });
    const page = createPage(two.exchange.url, "http://localhost:3000");
    (await two.doctor()).shows("✓", "secrets", /secret 2 of 2 .* stays: the first has verified no proof yet/);
    await page.identify({ id: "u1" }, signProof(first, "u1"));
    await two.exchange.stop();
    await two.exchange.restart();
    (await two.doctor()).shows(
      "✓",
      "secrets",
      new RegExp(`2 of 2 \\(${secretIdOf(second)}\\) is safe to retire.*ever`),
    );
    await page.identify({ id: "u2" }, signProof(second, "u2"));
    await two.exchange.restart();
    await eventually("its use is counted", async () =>
      (await two.doctor()).lines.some(({ name, says }) => name === "secrets" && /is in use/.test(says)),
    );
  });
});

describe("the signing key", () => {
  test("that has signed for more than a year is due", async () => {
    await using old = await startHealthyWorld();
    await old.exchange.stop();
    const ledger = new SqliteLedger(old.database, dataKeyOf("key"), undefined);
    const before = await ledger.readSecret("signing-keys");
    const keys = JSON.parse(before ?? "[]").map((key: object) => ({
      ...key,
      createdAt: Date.now() - 400 * 86_400_000,
    }));
    expect(await ledger.replaceSecret("signing-keys", before, JSON.stringify(keys))).toBe(true);
    await ledger.close();
    (await old.doctor()).shows("!", "signing key", /has signed for 400 days/, /keys rotate/);
  });
});
