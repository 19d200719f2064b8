import type { Settings } from "./check-settings.ts";
import { issuersIn } from "./issuers.ts";

/** Claims whose value is given to another person one day, or chosen by the user at many issuers. */
const CHANGEABLE = [
  "email",
  "phone_number",
  "preferred_username",
  "upn",
  "unique_name",
  "nickname",
  "name",
  "given_name",
  "family_name",
];

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
    applies: ({ oidcAudience, oidcIssuer }) => oidcAudience.length > 0 && oidcIssuer.length === 0,
    text: "VAMBE_OIDC_AUDIENCE has no effect without VAMBE_OIDC_ISSUER",
  },
  {
    applies: ({ proofOnce, oidcIssuer }) => proofOnce && oidcIssuer.length > 0,
    text: "VAMBE_PROOF_ONCE refuses ID tokens without a jti; Auth0, Supabase and Firebase issue such",
  },
  {
    applies: (settings) => issuersIn(settings).some(({ idClaim }) => CHANGEABLE.includes(idClaim)),
    text: "VAMBE_OIDC_ID_CLAIM names a claim that can change hands: who gets a name or an address that somebody had before becomes him. Take one that stays, such as sub or oid",
  },
  {
    applies: ({ databaseUrl }) => databaseUrl === "memory:",
    text: "VAMBE_DATABASE_URL is memory: — what is queued is lost at the next stop",
  },
];

export const warningsFor = (settings: Settings): string[] =>
  WARNINGS.filter(({ applies }) => applies(settings)).map(({ text }) => text);
