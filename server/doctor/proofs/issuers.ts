import { FetchFailure } from "../../guarded-fetch/guarded-connection.ts";
import { fetchKeys } from "../../proof/oidc/fetch-keys.ts";
import type { Issuer } from "../../proof/oidc/issuer.ts";
import { check } from "../check.ts";
import { type Finding, failed, ok, skipped } from "../finding.ts";
import { unreachable } from "../reach.ts";
import { issuersOf } from "./issuers-of.ts";

const NAME = "issuer";

/** Whether the keys of each issuer can be had, as for a proof. */
export const issuers = check({
  name: NAME,
  reads: ["oidcIssuer", "oidcJwksUrl"],
  ifItHangs:
    "let this machine's requests out to the issuer: a firewall; or name its keys in VAMBE_OIDC_JWKS_URL",
  look: async (_, { patient }) => {
    const listed = issuersOf(patient.holds);
    if (listed.length === 0) return skipped(NAME, "VAMBE_OIDC_ISSUER is not set: no ID tokens are taken");
    return Promise.all(listed.map(keysOf));
  },
});

/** Each issuer has a name of its own, by its host. */
async function keysOf(issuer: Issuer): Promise<Finding> {
  const url = new URL(issuer.url);
  const setting = issuer.jwksUrl === undefined ? "VAMBE_OIDC_ISSUER" : "VAMBE_OIDC_JWKS_URL";
  try {
    const { keys } = await fetchKeys(issuer);
    if (keys.size > 0) return ok(NAME, `${url.host} publishes ${keys.size} key${keys.size > 1 ? "s" : ""}`);
    return failed(
      NAME,
      `${url.host} publishes no key that can be used: its tokens are refused`,
      "let it sign with RS256, ES256 or EdDSA: tokens of a shared secret (HS256) have no key to publish",
    );
  } catch (error) {
    if (!(error instanceof FetchFailure)) throw error;
    const { reason } = error;
    if (/^[A-Z\d_]+$/.test(reason)) {
      const { message, remedy } = unreachable(reason, url, setting);
      return failed(NAME, message, remedy);
    }
    return failed(NAME, `the keys of ${url.host} cannot be had: ${reason}`, remedyFor(reason, setting));
  }
}

function remedyFor(reason: string, setting: string): string {
  if (reason.includes("names another issuer"))
    return `write into ${setting} what its discovery document has in issuer`;
  if (reason.includes("may be asked"))
    return "an issuer in a private network is taken only where VAMBE_OIDC_JWKS_URL says where its keys are";
  if (reason.includes("too long")) return "let this machine's requests out to the issuer: a firewall";
  return setting === "VAMBE_OIDC_ISSUER"
    ? "look at <issuer>/.well-known/openid-configuration in a browser, and write the issuer as it stands there"
    : "open VAMBE_OIDC_JWKS_URL in a browser: it has to show a JSON with keys";
}
