import { z } from "zod/mini";
import { isSecureUrl } from "../guarded-fetch/secure-url.ts";
import { without } from "./checks.ts";

/** What can be an issuer in `iss`, and what never will be. No message holds the value. */

const ENTRA = /^login\.(microsoftonline\.(com|us)|partner\.microsoftonline\.cn)$/;
const ENTRA_TENANT = /^\/[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}\/v2\.0\/?$/i;

/** One text, or a list of such: how `createExchange` takes what has a value for each issuer. */
export const oneOrMore = (item: z.ZodMiniType<string, string>) =>
  z._default(
    z.pipe(
      z.pipe(
        z.union([z.string(), z.array(z.string())], { error: "must be a text, or a list of texts" }),
        z.transform((value) => [value].flat()),
      ),
      z.array(item),
    ),
    [],
  );

/** Kept as it is written, since `iss` is compared with it letter by letter. */
export const issuerUrl = z
  .string({ error: "must be an issuer such as https://tenant.eu.auth0.com" })
  .check(without(mistakeIn));

function mistakeIn(value: string): string | undefined {
  if (/[{}<>]|%7B/i.test(value)) {
    return "must have your own values in place of what stands in braces: the `{tenantid}` of Entra's documents is your tenant's id";
  }
  if (value.includes("/.well-known/")) {
    return "must be the issuer alone, as its discovery document has it in `issuer`: leave out /.well-known/ and what follows";
  }
  const url = URL.parse(value);
  if (!url || !isSecureUrl(url) || url.username || url.password || /[?#,\s\\]/.test(value)) {
    return "must be https URLs such as https://tenant.eu.auth0.com (http only for localhost), without a query or a password";
  }
  if (ENTRA.test(url.hostname) && !ENTRA_TENANT.test(url.pathname)) {
    return "must name your Entra tenant by its id, https://login.microsoftonline.com/<tenant id>/v2.0: no token has common, organizations, consumers or a domain in its `iss`. Several tenants are listed with commas";
  }
  return undefined;
}

/** Where keys are, by the operator's word: an https URL, which may have a query (Entra's B2C has one). */
export const isKeysUrl = (value: string): boolean => {
  const url = URL.parse(value);
  return (
    url !== null && isSecureUrl(url) && !url.username && !url.password && !/^[^?]*=|[#{}<>,\s\\]/.test(value)
  );
};

/** Claims that say something else of the token than whose it is. */
const NOT_AN_ID = [
  "iss",
  "aud",
  "azp",
  "exp",
  "iat",
  "nbf",
  "jti",
  "auth_time",
  "nonce",
  "sid",
  "typ",
  "acr",
  "amr",
];

export const isIdClaim = (value: string): boolean =>
  /^[^\s"\\{}=]{1,200}$/.test(value) && !NOT_AN_ID.includes(value);
