import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createLog } from "../../../../server/log.ts";
import { proveByJwt } from "../../../../server/proof/jwt.ts";
import { verifyByIssuer } from "../../../../server/proof/oidc/verify.ts";
import { readEnvironment } from "../../../../server/settings/environment.ts";
import { issuersIn } from "../../../../server/settings/issuers.ts";
import { type RunningIssuer, startIssuer } from "../../../support/issuer.ts";
import { inSeconds } from "../../../support/proofs.ts";

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

/** Stands for what the docs have in VAMBE_OIDC_AUDIENCE. */
const AUDIENCE = "<audience>";

/** Tokens as the providers make them: header, claims and issuer are of the shape that each documents. */
const PROVIDERS: {
  name: string;
  header?: Record<string, unknown>;
  alg?: "RS256" | "ES256";
  claims: Record<string, unknown>;
  id: string;
  traits: Record<string, unknown>;
}[] = [
  {
    name: "Auth0",
    claims: {
      nickname: "jane",
      name: "Jane Doe",
      picture: "https://s.gravatar.com/avatar/x.png",
      updated_at: "2026-01-01T12:00:00.000Z",
      email: "jane@example.com",
      email_verified: true,
      "https://www.example.com/plan": "premium",
      "https://www.example.com/roles": ["buyer"],
      sub: "auth0|64f1c0ffee",
      sid: "sid-1",
      nonce: "n-1",
      exp: inSeconds(36_000),
    },
    id: "auth0|64f1c0ffee",
    traits: { name: "Jane Doe", email: "jane@example.com", plan: "premium" },
  },
  {
    name: "Clerk",
    header: { cat: "cl_B7d4PD111AAA" },
    claims: {
      aud: undefined,
      azp: AUDIENCE,
      exp: inSeconds(60),
      nbf: inSeconds(-10),
      fva: [5, -1],
      jti: "7f2d0e6c1b",
      sid: "sess_2abc",
      sts: "active",
      sub: "user_2abc",
      v: 2,
      name: "Jane Doe",
      email: "jane@example.com",
      email_verified: true,
      plan: "premium",
    },
    id: "user_2abc",
    traits: { name: "Jane Doe", email: "jane@example.com", plan: "premium" },
  },
  {
    name: "Supabase",
    alg: "ES256",
    claims: {
      sub: "0b5c7e4e-5a4e-4f0e-9d5e-3a6f0b1c2d3e",
      email: "jane@example.com",
      phone: "",
      app_metadata: { provider: "email", providers: ["email"], plan: "premium" },
      user_metadata: {
        full_name: "The Chairman",
        name: "The Chairman",
        plan: "enterprise",
        email_verified: true,
      },
      role: "authenticated",
      aal: "aal1",
      amr: [{ method: "password", timestamp: inSeconds(-5) }],
      session_id: "5b2d",
      is_anonymous: false,
    },
    id: "0b5c7e4e-5a4e-4f0e-9d5e-3a6f0b1c2d3e",
    traits: { email: "jane@example.com", plan: "premium" },
  },
  {
    name: "Firebase",
    claims: {
      name: "Jane Doe",
      picture: "https://example.com/jane.png",
      plan: "premium",
      auth_time: inSeconds(-100),
      user_id: "Xk3aBcD",
      sub: "Xk3aBcD",
      email: "jane@example.com",
      email_verified: false,
      firebase: { identities: { email: ["jane@example.com"] }, sign_in_provider: "password" },
    },
    id: "Xk3aBcD",
    traits: { name: "Jane Doe", plan: "premium" },
  },
  {
    name: "Cognito",
    header: { typ: undefined },
    claims: {
      at_hash: "x",
      sub: "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
      email_verified: "true",
      "cognito:username": "jane",
      "cognito:groups": ["buyers"],
      "custom:plan": "premium",
      origin_jti: "o-1",
      event_id: "e-1",
      token_use: "id",
      auth_time: inSeconds(-5),
      name: "Jane Doe",
      exp: inSeconds(24 * 3600),
      jti: "j-1",
      email: "jane@example.com",
    },
    id: "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
    traits: { name: "Jane Doe", email: "jane@example.com", plan: "premium" },
  },
  {
    name: "Keycloak",
    claims: {
      auth_time: inSeconds(-5),
      jti: "2d1f",
      sub: "f3b6c1d2-0000-4000-8000-000000000000",
      typ: "ID",
      azp: AUDIENCE,
      sid: "s-1",
      acr: "1",
      email_verified: true,
      name: "Jane Doe",
      preferred_username: "jane",
      given_name: "Jane",
      family_name: "Doe",
      email: "jane@example.com",
      plan: "premium",
    },
    id: "f3b6c1d2-0000-4000-8000-000000000000",
    traits: { name: "Jane Doe", email: "jane@example.com", plan: "premium" },
  },
  {
    name: "Entra",
    claims: {
      ver: "2.0",
      oid: "00000000-0000-0000-66f3-3332eca7ea81",
      tid: "9122040d-6c67-4c5b-b112-36a304b66dad",
      sub: "AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ",
      name: "Jane Doe",
      preferred_username: "jane@example.com",
      email: "admin@example.com",
      nonce: "123523",
      aio: "Df2UVXL1ix!lMCWMSOJBcFatzcGfvFGhjKv8q5g0x732dR5MB5BisvGQO7YWByjd8iQDLq",
      uti: "fqiBqXLPj0eQa82S-IYFAA",
      rh: "0.ARoAv4j5cvGGr0GRqy180BHbR8",
    },
    id: "00000000-0000-0000-66f3-3332eca7ea81",
    traits: { name: "Jane Doe" },
  },
  {
    name: "Google",
    claims: {
      azp: AUDIENCE,
      sub: "110169484474386276334",
      email: "jane@example.com",
      email_verified: true,
      nbf: inSeconds(-300),
      name: "Jane Doe",
      picture: "https://lh3.googleusercontent.com/a/x",
      given_name: "Jane",
      family_name: "Doe",
      jti: "161a26",
    },
    id: "110169484474386276334",
    traits: { name: "Jane Doe", email: "jane@example.com" },
  },
];

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
