import { describe, expect, test } from "vitest";
import { checkSettings } from "../../../server/settings/check-settings.ts";
import { readEnvironment } from "../../../server/settings/environment.ts";
import { issuersIn } from "../../../server/settings/issuers.ts";

const GOOD = {
  VAMBE_API_KEY: "key-0123456789",
  VAMBE_CHANNEL_ID: "a1b2c3d4-e5f6-7890-abcd-ef1234567890",
  VAMBE_ALLOWED_ORIGINS: "https://shop.example.com",
};
const ONE = "https://one.example.com";
const TWO = "https://two.example.com/realms/shop";
const ENTRA = "https://login.microsoftonline.com";
const TENANT = "72f988bf-86f1-41af-91ab-2d7cd011db47";

const issuersOf = (environment: Record<string, string>) =>
  issuersIn(readEnvironment({ ...GOOD, ...environment }).settings);

describe("one issuer", () => {
  test("has plain values, as many audiences as it likes, and defaults", () => {
    expect(issuersOf({ VAMBE_OIDC_ISSUER: ONE, VAMBE_OIDC_AUDIENCE: "a, https://www.example.com" })).toEqual([
      { url: ONE, audience: ["a", "https://www.example.com"], idClaim: "sub", trustEmail: false },
    ]);
  });

  test("may have them written as with several", () => {
    const environment = {
      VAMBE_OIDC_ISSUER: `${ONE}/`,
      VAMBE_OIDC_AUDIENCE: `${ONE}=a,${ONE}/=b,c`,
      VAMBE_OIDC_JWKS_URL: "https://keys.internal/certs?p=b2c_1_susi",
      VAMBE_OIDC_ID_CLAIM: "cognito:username",
      VAMBE_OIDC_TRUST_EMAIL: "TRUE",
    };
    expect(issuersOf(environment)).toEqual([
      {
        url: `${ONE}/`,
        audience: ["a", "b", "c"],
        jwksUrl: "https://keys.internal/certs?p=b2c_1_susi",
        idClaim: "cognito:username",
        trustEmail: true,
      },
    ]);
  });

  test.each([`https://One.Example.com:443/Realms`, "http://LOCALHOST:8080", `${ENTRA}/${TENANT}/v2.0`])(
    "is kept as it is written: %s",
    (url) => {
      expect(issuersOf({ VAMBE_OIDC_ISSUER: url, VAMBE_OIDC_AUDIENCE: "a" })).toMatchObject([{ url }]);
    },
  );
});

test("several issuers have each their own", () => {
  const environment = {
    VAMBE_OIDC_ISSUER: `${ONE},${TWO}`,
    VAMBE_OIDC_AUDIENCE: `${ONE}=a,${TWO}=b,${ONE}=https://www.example.com`,
    VAMBE_OIDC_JWKS_URL: `${TWO}=https://keys.internal/certs?a=b`,
    VAMBE_OIDC_ID_CLAIM: `${ONE}=https://example.com/uid`,
    VAMBE_OIDC_TRUST_EMAIL: `${ONE}=false,${TWO}=true`,
  };
  expect(issuersOf(environment)).toEqual([
    {
      url: ONE,
      audience: ["a", "https://www.example.com"],
      idClaim: "https://example.com/uid",
      trustEmail: false,
    },
    {
      url: TWO,
      audience: ["b"],
      jwksUrl: "https://keys.internal/certs?a=b",
      idClaim: "sub",
      trustEmail: true,
    },
  ]);
});

test("an issuer whose name begins like another's is not taken for it", () => {
  const other = `${ONE}/a=b`;
  const environment = {
    VAMBE_OIDC_ISSUER: `${ONE}/a,${other}`,
    VAMBE_OIDC_AUDIENCE: `${ONE}/a=one,${other}=two`,
  };
  expect(issuersOf(environment).map(({ audience }) => audience)).toEqual([["one"], ["two"]]);
});

test("createExchange takes one text, a list and a truth value", () => {
  const options = {
    apiKey: "key",
    channelId: GOOD.VAMBE_CHANNEL_ID,
    allowedOrigins: ["https://shop.example.com"],
    publicUrl: "https://id.example.com",
    oidcAudience: ["a"],
  };
  const one = { url: ONE, audience: ["a"], idClaim: "oid", trustEmail: true };
  const as = { oidcIdClaim: "oid", oidcTrustEmail: true };
  expect(issuersIn(checkSettings({ ...options, ...as, oidcIssuer: ONE }))).toEqual([one]);
  expect(issuersIn(checkSettings({ ...options, ...as, oidcIssuer: [ONE] }))).toEqual([one]);
  for (const oidcIssuer of [`${ONE},${TWO}`, 1, [1], {}]) {
    expect(() => checkSettings({ ...options, oidcIssuer })).toThrow(/oidcIssuer must/);
  }
});

test.each(["email", "preferred_username", "upn", "nickname"])(
  "an id that can change hands is warned of: %s",
  (claim) => {
    const { warnings } = readEnvironment({
      ...GOOD,
      VAMBE_OIDC_ISSUER: ONE,
      VAMBE_OIDC_AUDIENCE: "a",
      VAMBE_OIDC_ID_CLAIM: claim,
    });
    expect(warnings.join()).toMatch(/VAMBE_OIDC_ID_CLAIM/);
  },
);
