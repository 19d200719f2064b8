import type { Settings } from "./check-settings.ts";
import { isForStrangers } from "./origin.ts";

/** Things that do not stop the start and that an operator should see. */
const WARNINGS: readonly { applies(settings: Settings): boolean; text: string }[] = [
  {
    applies: ({ allowUnverified }) => allowUnverified,
    text: "VAMBE_ALLOW_UNVERIFIED is on: any visitor can claim any id. Contacts are marked verified: false. Use it for a first try, not for customers",
  },
  {
    applies: ({ unprovenTraits }) => unprovenTraits === "apply",
    text: "VAMBE_UNPROVEN_TRAITS=apply: visitors can write what they like into names, emails and custom fields",
  },
  {
    applies: ({ allowedOrigins }) => allowedOrigins.some(isForStrangers),
    text: "VAMBE_ALLOWED_ORIGINS has a pattern for a host where anybody can get a name: pages of strangers may identify users there too, with a proof that they have. Use a domain of your own for previews",
  },
  {
    applies: ({ oidcAudience, oidcIssuer }) => oidcAudience.length > 0 && oidcIssuer === undefined,
    text: "VAMBE_OIDC_AUDIENCE has no effect without VAMBE_OIDC_ISSUER",
  },
  {
    applies: ({ proofOnce, oidcIssuer }) => proofOnce && oidcIssuer !== undefined,
    text: "VAMBE_PROOF_ONCE refuses ID tokens without a jti; Auth0, Supabase and Firebase issue such",
  },
  {
    applies: ({ databaseUrl }) => databaseUrl === "memory:",
    text: "VAMBE_DATABASE_URL is memory: — what is queued is lost at the next stop",
  },
];

export const warningsFor = (settings: Settings): string[] =>
  WARNINGS.filter(({ applies }) => applies(settings)).map(({ text }) => text);
