import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createLog } from "../../../../server/log.ts";
import { proveByJwt } from "../../../../server/proof/jwt.ts";
import { verifyByIssuer } from "../../../../server/proof/oidc/verify.ts";
import { readEnvironment } from "../../../../server/settings/environment.ts";
import { issuersIn } from "../../../../server/settings/issuers.ts";
import { type RunningIssuer, startIssuer } from "../../../support/issuer.ts";
import { PROVIDERS } from "./provider-tokens.ts";

const DOCS = readFileSync(new URL("../../../../docs/proofs.md", import.meta.url), "utf8");

/** The code blocks of a language in one section of docs/proofs.md. */
function blocksIn(section: string, language: string): string[] {
  const text = DOCS.split(/^## /m).find((part) => part.startsWith(`${section}\n`)) ?? "";
  return [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)].flatMap(([, name, code]) =>
    name === language && code !== undefined ? [code] : [],
  );
}

/** The settings of a section, read as an exchange would read them. */
function documented(section: string, block = 0) {
  const lines = blocksIn(section, "sh")[block]?.trim().split("\n") ?? [];
  const environment = Object.fromEntries(lines.map((line) => line.split(/=(.*)/s).slice(0, 2)));
  return readEnvironment({
    VAMBE_API_KEY: "key",
    VAMBE_CHANNEL_ID: "a1b2c3d4-e5f6-4890-abcd-ef1234567890",
    VAMBE_ALLOWED_ORIGINS: "https://www.example.com",
    ...environment,
  });
}

describe.each(PROVIDERS)("a token of $name", ({ name, header, alg, claims, id, traits }) => {
  const { settings, warnings } = documented(name);
  const [written] = issuersIn(settings);
  const [audience = ""] = written?.audience ?? [];
  const actual = { aud: audience, ...claims, ...("azp" in claims ? { azp: audience } : {}) };
  let issuer: RunningIssuer;
  beforeAll(async () => {
    // Auth0 writes itself with a slash at the end; a site writes it in the settings as it likes.
    const path = name === "Auth0" ? "/" : new URL(written?.url ?? "").pathname.replace(/\/$/, "");
    issuer = await startIssuer({ path, ...(alg ? { alg } : {}) });
  });
  afterAll(() => issuer[Symbol.asyncDispose]());

  const prove = async (proof: string, audiences = [audience]) => {
    if (!written) throw new Error(`docs/proofs.md has no issuer of ${name}`);
    const local = { ...written, url: issuer.url, audience: audiences };
    const byJwt = proveByJwt([], undefined, verifyByIssuer([local], { log: createLog(() => {}) }));
    return byJwt({ user: { id }, proof, request: new Request("https://id.example.com/identify") });
  };

  test("proves the id and what the provider vouches for, and nothing that users write themselves", async () => {
    expect(warnings).toEqual([]);
    const proven = await prove(await issuer.sign(actual, header));
    expect(proven).toMatchObject({ id, use: { issuer: issuer.iss } });
    expect(proven?.traits).toEqual(traits);
  });

  test("made for another app of the same provider is refused", async () => {
    const token = await issuer.sign(actual, header);
    await expect(prove(token, ["another-app"])).rejects.toMatchObject({ slug: "proof-audience" });
  });

  test("comes from lines in the page that are JavaScript", () => {
    const [inThePage = ""] = blocksIn(name, "js");
    expect(inThePage).toContain("VambeIdentify(");
    const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor;
    for (const code of blocksIn(name, "js")) expect(() => new AsyncFunction(code)).not.toThrow();
  });
});

test.each([0, 1])("the documented settings of a session are good ones (%i)", (block) => {
  const { settings, warnings } = documented("Session", block);
  expect(settings.sessionUrl).toBe("https://www.example.com/api/me");
  expect(warnings).toEqual([]);
});

test("a token of Google is Google's under both of its names, and under no other", async () => {
  await using keys = await startIssuer();
  const jwksUrl = `${keys.upstream.url}/keys`;
  const google = {
    url: "https://accounts.google.com",
    jwksUrl,
    audience: ["client-1"],
    idClaim: "sub",
    trustEmail: false,
  };
  const verify = verifyByIssuer([google], { log: createLog(() => {}) });
  const { jwk } = await keys.publicKey();
  const header = { alg: "RS256", kid: String(jwk.kid) } as const;
  const proven = async (iss: string) => verify(await keys.sign({ iss }), header);
  for (const iss of ["https://accounts.google.com", "accounts.google.com"]) {
    // One jti of it is one, whichever way it writes itself.
    expect(await proven(iss)).toMatchObject({ id: "u1", use: { issuer: "https://accounts.google.com" } });
  }
  for (const iss of [
    "https://accounts.google.com/",
    "http://accounts.google.com",
    "accounts.google.com/",
    "google.com",
  ]) {
    await expect(proven(iss)).rejects.toMatchObject({ slug: "proof-claims" });
  }
});

test("the documented settings of several issuers, and of a back channel, are good ones", () => {
  const several = documented("Several issuers");
  expect(several.warnings).toEqual([]);
  expect(issuersIn(several.settings)).toEqual([
    {
      url: "https://sso.example.com/realms/shop",
      audience: ["shop-web", "shop-app"],
      idClaim: "sub",
      trustEmail: false,
    },
    {
      url: "https://login.microsoftonline.com/72f988bf-86f1-41af-91ab-2d7cd011db47/v2.0",
      audience: ["6731de76-14a6-49ae-97bc-6eba6914391e"],
      idClaim: "oid",
      trustEmail: false,
    },
  ]);
  const back = documented("A back channel");
  expect(back.warnings).toEqual([]);
  expect(issuersIn(back.settings)).toMatchObject([
    { jwksUrl: "https://keycloak.internal:8443/realms/shop/protocol/openid-connect/certs" },
  ]);
});
