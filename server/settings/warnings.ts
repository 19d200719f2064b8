import { isLoopbackHost } from "../guarded-fetch/secure-url.ts";
import { isOpenToTheNetwork } from "../ledger/postgres/connect/transport.ts";
import type { Settings } from "./check-settings.ts";
import { issuersIn } from "./issuers.ts";
import { isForStrangers } from "./origin.ts";
import { OPTIONS } from "./table.ts";
import { isWeakSecret } from "./weak-secret.ts";

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
    applies: ({ allowedOrigins }) => allowedOrigins.some(isForStrangers),
    text: "VAMBE_ALLOWED_ORIGINS has a pattern for a host where anybody can get a name: pages of strangers may identify users there too, with a proof that they have. Use a domain of your own for previews",
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
    applies: ({ apiKeyPrevious }) => apiKeyPrevious !== undefined,
    text: "VAMBE_API_KEY_PREVIOUS is set: the key before still unlocks the database. Take it out once every instance has the new one",
  },
  {
    applies: ({ whatsappPhone, fields }) => whatsappPhone !== undefined && fields.id === undefined,
    text: "VAMBE_WHATSAPP_PHONE is set and VAMBE_FIELDS has no id: a user's contacts in the webchat and on WhatsApp are two customers at Vambe. Make a custom field that is an identifier there, such as user_id, and list id:user_id",
  },
  {
    applies: ({ phoneCountry, whatsappPhone, fields }) =>
      phoneCountry !== undefined && whatsappPhone === undefined && fields.phone === undefined,
    text: "VAMBE_PHONE_COUNTRY has no effect without VAMBE_WHATSAPP_PHONE or a phone in VAMBE_FIELDS",
  },
  {
    applies: ({ databaseUrl }) => databaseUrl === "memory:",
    text: "VAMBE_DATABASE_URL is memory: — what is queued is lost at the next stop",
  },
  {
    applies: ({ databaseUrl }) => databaseUrl.startsWith("postgres") && isOpenToTheNetwork(databaseUrl),
    text: "VAMBE_DATABASE_URL: PostgreSQL is reached over a network without TLS that checks the server's certificate, so whoever is in between can read user ids and the signing key. Add ?sslmode=verify-full to the URL, and &sslrootcert=<path> where the certificate is of a CA of your own",
  },
  {
    applies: ({ allowedOrigins }) => allowedOrigins.some(isOpenOrigin),
    text: "VAMBE_ALLOWED_ORIGINS has an http:// origin: whoever is on a visitor's network can change its pages, and identify that visitor as they like. Serve the pages over https and name that origin; http is for localhost",
  },
  ...(["identitySecrets", "userHashSecrets", "webchatSecrets"] as const).flatMap((option) => [
    {
      applies: (settings: Settings) => settings[option].some(isWeakSecret),
      text: `${OPTIONS[option].variable} has a secret that can be guessed, a pattern and not chance: whoever does can be anybody. Make one with \`openssl rand -hex 32\``,
    },
    {
      applies: (settings: Settings) => settings[option].includes(settings.apiKey),
      text: `${OPTIONS[option].variable} has the API key in it: whoever signs proofs could then read and write every contact, and whoever sees one can try keys. Make a secret of its own with \`openssl rand -hex 32\``,
    },
  ]),
];

/** Whether what a page of this origin says can be changed on the way. */
function isOpenOrigin(origin: string): boolean {
  const url = URL.parse(origin);
  return url?.protocol === "http:" && !isLoopbackHost(url.hostname) && !url.hostname.endsWith(".localhost");
}

export const warningsFor = (settings: Settings): string[] =>
  WARNINGS.filter(({ applies }) => applies(settings)).map(({ text }) => text);
