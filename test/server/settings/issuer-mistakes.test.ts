import { describe, expect, test } from "vitest";
import { readEnvironment } from "../../../server/settings/environment.ts";
import { SettingsError } from "../../../server/settings/settings-error.ts";

const GOOD = {
  VAMBE_API_KEY: "key-0123456789",
  VAMBE_CHANNEL_ID: "a1b2c3d4-e5f6-7890-abcd-ef1234567890",
  VAMBE_ALLOWED_ORIGINS: "https://shop.example.com",
};
const ONE = "https://one.example.com";
const TWO = "https://two.example.com/realms/shop";
const ENTRA = "https://login.microsoftonline.com";
const TENANT = "72f988bf-86f1-41af-91ab-2d7cd011db47";

function mistakesIn(environment: Record<string, string>): string[] {
  try {
    readEnvironment({ ...GOOD, ...environment });
    return [];
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    for (const value of Object.values(environment)) {
      if (value.length > 5) expect(error.message).not.toContain(value);
    }
    return error.mistakes.map(({ setting, detail }) => `${setting} ${detail}`);
  }
}

describe("an issuer that no token can be of stops the start", () => {
  test.each([
    ["a placeholder", `${ENTRA}/{tenantid}/v2.0`, /tenant/],
    ["a placeholder in another spelling", `${ENTRA}/%7Btenantid%7D/v2.0`, /tenant/],
    ["another placeholder", "https://<tenant>.eu.auth0.com", /your own values/],
    ["all tenants", `${ENTRA}/common/v2.0`, /tenant/],
    ["all organisations", `${ENTRA}/organizations/v2.0`, /tenant/],
    ["all persons", `${ENTRA}/consumers/v2.0`, /tenant/],
    ["a tenant's domain", `${ENTRA}/contoso.onmicrosoft.com/v2.0`, /tenant/],
    ["a tenant without its version", `${ENTRA}/${TENANT}`, /v2\.0/],
    ["a discovery document", `${ONE}/.well-known/openid-configuration`, /well-known/],
    ["a key set", `${ONE}/.well-known/jwks.json`, /well-known/],
    ["a query", `${ONE}?p=b2c_1_susi`, /query/],
    ["an empty query", `${ONE}?`, /query/],
    ["a fragment", `${ONE}/#x`, /https URL/],
    ["a password", "https://user:password@one.example.com", /password/],
    ["no scheme", "one.example.com", /https URL/],
    ["Google's other spelling", "accounts.google.com", /https URL/],
    ["http beyond this machine", "http://one.example.com", /https URL/],
    ["a blank", "https://one.example.com/a b", /https URL/],
  ])("%s", (_, url, remedy) => {
    const [mistake = "", ...others] = mistakesIn({ VAMBE_OIDC_ISSUER: url, VAMBE_OIDC_AUDIENCE: "a" });
    expect(others).toEqual([]);
    expect(mistake).toMatch(/^VAMBE_OIDC_ISSUER must/);
    expect(mistake).toMatch(remedy);
  });
});

describe("what could be read in two ways, or never work, stops the start", () => {
  const both = { VAMBE_OIDC_ISSUER: `${ONE},${TWO}`, VAMBE_OIDC_AUDIENCE: `${ONE}=a,${TWO}=b` };
  const single = { VAMBE_OIDC_ISSUER: ONE, VAMBE_OIDC_AUDIENCE: "a" };
  test.each<[string, Record<string, string>, RegExp]>([
    [
      "one issuer twice",
      { ...both, VAMBE_OIDC_ISSUER: `${ONE},${TWO},${ONE}/` },
      /^VAMBE_OIDC_ISSUER must list each issuer once/,
    ],
    ["no audience", { VAMBE_OIDC_ISSUER: ONE }, /^VAMBE_OIDC_AUDIENCE is required/],
    [
      "an audience for one of two",
      { ...both, VAMBE_OIDC_AUDIENCE: `${ONE}=a` },
      /^VAMBE_OIDC_AUDIENCE is required beside each/,
    ],
    [
      "an audience of nobody's",
      { ...both, VAMBE_OIDC_AUDIENCE: "a,b" },
      /^VAMBE_OIDC_AUDIENCE must say for which/,
    ],
    [
      "an audience beside pairs",
      { ...both, VAMBE_OIDC_AUDIENCE: `${ONE}=a,${TWO}=b,c` },
      /^VAMBE_OIDC_AUDIENCE must say for which/,
    ],
    [
      "an audience of a stranger",
      { ...single, VAMBE_OIDC_AUDIENCE: `a,${TWO}=b` },
      /^VAMBE_OIDC_AUDIENCE must have an issuer/,
    ],
    [
      "an audience that is nothing",
      { ...both, VAMBE_OIDC_AUDIENCE: `${ONE}=,${TWO}=b` },
      /^VAMBE_OIDC_AUDIENCE must not be empty/,
    ],
    [
      "keys of nobody's",
      { ...both, VAMBE_OIDC_JWKS_URL: "https://keys.internal/a" },
      /^VAMBE_OIDC_JWKS_URL must say for which/,
    ],
    [
      "keys in two places",
      { ...single, VAMBE_OIDC_JWKS_URL: "https://a.internal,https://b.internal" },
      /^VAMBE_OIDC_JWKS_URL must have one/,
    ],
    [
      "keys without encryption",
      { ...single, VAMBE_OIDC_JWKS_URL: "http://keycloak:8080/certs" },
      /^VAMBE_OIDC_JWKS_URL must be an https/,
    ],
    [
      "keys of a stranger",
      { ...single, VAMBE_OIDC_JWKS_URL: `${TWO}=https://keys.internal` },
      /^VAMBE_OIDC_JWKS_URL must be an https/,
    ],
    [
      "keys of no issuer",
      { VAMBE_OIDC_JWKS_URL: "https://keys.internal", VAMBE_ALLOW_UNVERIFIED: "true" },
      /^VAMBE_OIDC_JWKS_URL has no effect/,
    ],
    [
      "two claims for the id",
      { ...single, VAMBE_OIDC_ID_CLAIM: "oid,sub" },
      /^VAMBE_OIDC_ID_CLAIM must have one/,
    ],
    [
      "a claim for all of them",
      { ...both, VAMBE_OIDC_ID_CLAIM: "oid" },
      /^VAMBE_OIDC_ID_CLAIM must say for which/,
    ],
    ["no claim", { ...both, VAMBE_OIDC_ID_CLAIM: `${ONE}=` }, /^VAMBE_OIDC_ID_CLAIM must be the name/],
    [
      "a claim that is the issuer's",
      { ...single, VAMBE_OIDC_ID_CLAIM: "iss" },
      /^VAMBE_OIDC_ID_CLAIM must be the name/,
    ],
    [
      "a claim that is every token's",
      { ...single, VAMBE_OIDC_ID_CLAIM: "aud" },
      /^VAMBE_OIDC_ID_CLAIM must be the name/,
    ],
    [
      "a claim of a stranger",
      { ...single, VAMBE_OIDC_ID_CLAIM: `${TWO}=oid` },
      /^VAMBE_OIDC_ID_CLAIM must be the name/,
    ],
    [
      "an email trusted somehow",
      { ...single, VAMBE_OIDC_TRUST_EMAIL: "yes" },
      /^VAMBE_OIDC_TRUST_EMAIL must be true or false/,
    ],
    [
      "an email trusted for all of them",
      { ...both, VAMBE_OIDC_TRUST_EMAIL: "true" },
      /^VAMBE_OIDC_TRUST_EMAIL must say for which/,
    ],
  ])("%s", (_, environment, mistake) => {
    const [first, ...others] = mistakesIn(environment);
    expect(others).toEqual([]);
    expect(first).toMatch(mistake);
  });

  test("all of it at once", () => {
    const environment = {
      VAMBE_OIDC_ISSUER: `${ENTRA}/common/v2.0`,
      VAMBE_OIDC_JWKS_URL: "ftp://keys.internal",
      VAMBE_OIDC_ID_CLAIM: "exp",
      VAMBE_OIDC_TRUST_EMAIL: "maybe",
    };
    const names = mistakesIn(environment).map((mistake) => mistake.split(" ", 1)[0]);
    expect(names.sort()).toEqual([...Object.keys(environment), "VAMBE_OIDC_AUDIENCE"].sort());
  });
});
