import type { Issuer } from "../../proof/oidc/issuer.ts";
import type { Settings } from "../../settings/check-settings.ts";
import { issuersIn } from "../../settings/issuers.ts";

/** The issuers of settings some of which may be wrong. */
export const issuersOf = ({ oidcIssuer = [], ...holds }: Partial<Settings>): Issuer[] =>
  issuersIn({
    oidcAudience: [],
    oidcJwksUrl: [],
    oidcIdClaim: [],
    oidcTrustEmail: [],
    ...holds,
    oidcIssuer,
  });
