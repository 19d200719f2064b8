import { z } from "zod/mini";
import type { Authenticate } from "../proof/app-user.ts";
import { exactUrl, LIST, pathMap, secrets, text, yesOrNo } from "./checks.ts";
import { issuerUrl, oneOrMore } from "./issuer-checks.ts";
import { origin } from "./origin.ts";
import { asList, asMap, asText, asTruth } from "./readers.ts";
import type { Setting } from "./setting.ts";

const ORIGINS_REQUIRED = "is required: the origins of your pages, such as https://www.example.com";

/** Who may identify users, and what proves who they are. */
export const PROOF_OPTIONS = {
  allowedOrigins: {
    check: z.array(origin, { error: ORIGINS_REQUIRED }).check(z.minLength(1, ORIGINS_REQUIRED)),
    variable: "VAMBE_ALLOWED_ORIGINS",
    read: asList,
    doc: "required; comma-separated origins whose pages may identify users. `https://*.example.com` allows each subdomain, one label deep; `capacitor://localhost` and the like an app's own pages",
  },
  identitySecrets: {
    check: secrets(32),
    variable: "VAMBE_IDENTITY_SECRET",
    read: asList,
    file: true,
    doc: "secrets shared with your backend, comma-separated for rotation, at least 32 bytes each",
  },
  userHashSecrets: {
    // Chatwoot gives out 24 letters and digits, which are as good as chance makes them.
    check: secrets(24),
    variable: "VAMBE_USER_HASH_SECRET",
    read: asList,
    file: true,
    doc: "secrets of a `user_hash` as other vendors have it, and of nothing else; without it, keys derived from `VAMBE_IDENTITY_SECRET` ([signing.md](../signing.md#only-an-id-user_hash))",
  },
  oidcIssuer: {
    check: oneOrMore(issuerUrl),
    variable: "VAMBE_OIDC_ISSUER",
    read: asList,
    doc: "accept ID tokens of this issuer as proof, or of several, comma-separated ([proofs.md](../proofs.md))",
  },
  oidcAudience: {
    check: z._default(z.array(text.check(z.minLength(1, "must not be empty")), { error: LIST }), []),
    variable: "VAMBE_OIDC_AUDIENCE",
    read: asList,
    doc: "required beside the issuer; who its ID tokens are made for: your client id, or several, comma-separated ([with several issuers](../proofs.md#several-issuers) `issuer=client-id`)",
  },
  oidcJwksUrl: {
    check: oneOrMore(z.string()),
    variable: "VAMBE_OIDC_JWKS_URL",
    read: asList,
    doc: "where the issuer's keys are, if they are to be fetched another way than by its discovery document; it may be a private address ([back channel](../proofs.md#a-back-channel))",
  },
  oidcIdClaim: {
    check: oneOrMore(z.string()),
    variable: "VAMBE_OIDC_ID_CLAIM",
    read: asList,
    doc: "the claim of an ID token that has the user's id, such as `oid` or `cognito:username` (`sub`)",
  },
  oidcTrustEmail: {
    check: z._default(
      z.pipe(
        z.union([z.boolean(), z.string(), z.array(z.string())], { error: "must be true or false" }),
        z.transform((value) => [value].flat().map(String)),
      ),
      [],
    ),
    variable: "VAMBE_OIDC_TRUST_EMAIL",
    read: asList,
    doc: "`true` takes an email also where the ID token has no `email_verified`: for issuers that verify each email and never say so",
  },
  sessionUrl: {
    check: z.optional(exactUrl("https://www.example.com/api/me")),
    variable: "VAMBE_SESSION_URL",
    read: asText,
    doc: 'the site\'s own "who am I" endpoint ([proofs.md](../proofs.md))',
  },
  sessionFields: {
    check: z._default(pathMap, {}),
    variable: "VAMBE_SESSION_FIELDS",
    read: asMap,
    doc: "where in its JSON each trait stands: `name:user.fullName`",
  },
  authenticate: {
    check: z.optional(
      z.custom<Authenticate>(
        (value) => typeof value === "function",
        "must be a function: Request → user or null",
      ),
    ),
  },
  proofOnce: {
    check: z._default(yesOrNo, false),
    variable: "VAMBE_PROOF_ONCE",
    read: asTruth,
    doc: "`true` lets each proof serve once; proofs then need a `jti`",
  },
  allowUnverified: {
    check: z._default(yesOrNo, false),
    variable: "VAMBE_ALLOW_UNVERIFIED",
    read: asTruth,
    doc: "`true` accepts an *id* without a proof, and marks it `verified: false` in the answer, the token and `meta_data`",
  },
  unprovenTraits: {
    check: z._default(z.enum(["ignore", "apply"], { error: "must be ignore or apply" }), "ignore"),
    variable: "VAMBE_UNPROVEN_TRAITS",
    read: asText,
    doc: "`apply` sends traits that no proof covers all the same",
  },
} as const satisfies Record<string, Setting>;
