import type { Authenticate } from "../proof/app-user.ts";

/**
 * What `createExchange` takes. Each option has the name, the meaning and the default of a variable (docs/reference/settings.md); what is
 * wrong is named at run time, all at once. `undefined` is a value that `process.env` may have, and counts as missing.
 */
export interface ExchangeOptions {
  /** Vambe's API key. It is sent to `apiUrl` and nowhere else. */
  apiKey: string | undefined;
  /** UUID of the webchat channel. */
  channelId: string | undefined;
  /**
   * Origins whose pages may identify users, such as `https://www.example.com`; `https://*.example.com` stands for all with
   * one label in its place.
   */
  allowedOrigins: readonly string[] | undefined;
  /** Where browsers reach this exchange, and the `iss` of its tokens. A path is allowed: mount it there. */
  publicUrl: string | undefined;
  /** Secrets shared with the site's backend, newest first, at least 32 bytes each. They are used as they stand. */
  identitySecrets?: readonly (string | undefined)[] | undefined;
  /** For an app that mounts the exchange: who is signed in, by the app's own session. Nothing has to be signed then. */
  authenticate?: Authenticate | undefined;
  /** Where what is asked for is kept: `file:<path>`, `postgres://…` or `memory:` (default: `file:vambe-identity.db`). */
  databaseUrl?: string | undefined;
  /**
   * Whether the widget's files are sent compressed (default: yes). `false` where the app that mounts the exchange
   * compresses by itself, or drops the header `Content-Encoding`.
   */
  compress?: boolean | undefined;
  /** How many proxies in front are believed about the visitor's address (default: 0). */
  trustProxy?: number | undefined;
  /**
   * Identifies a minute from one address, and half as many for one user; as many refusals, and ten times as many requests
   * of any kind. 0 sets no limit (default: 300).
   */
  rateLimit?: number | undefined;
  /** Trait → key of the custom field at Vambe that takes it (default: `{ plan: "plan" }`). */
  fields?: Readonly<Record<string, string>> | undefined;
  /** The API key before, while it is replaced: the database is still locked with it. */
  apiKeyPrevious?: string | undefined;
  /** The channel's *JWT Secret*, the newest first: the first signs the token that the webchat takes in place of an id. */
  webchatSecrets?: readonly (string | undefined)[] | undefined;
  /** The channel's *Campo del ID de usuario en el token*: which claim of that token has the id (default: `sub`). */
  webchatIdClaim?: string | undefined;
  /**
   * The site's own number on WhatsApp, or the id of that channel: users whose phone is proven become a contact there too.
   * `web-whatsapp:+5511987654321` where it is a linked phone.
   */
  whatsappPhone?: string | undefined;
  /** The country of phones that are written without one: two letters, such as `BR`. */
  phoneCountry?: string | undefined;
  /** UUID of a pipeline stage that every upsert sets. */
  stageId?: string | undefined;
  /** UUID of a team member whom every upsert assigns. */
  agentId?: string | undefined;
  /** `meta_data.source` of every upsert (default: `vambe-identity`). */
  source?: string | undefined;
  /** Upserts a second, over all instances (default: 5, Vambe's own recommendation). */
  maxRate?: number | undefined;
  /** Days until a user is sent to Vambe again, though nothing has changed here; 0: never (default: 30). */
  refreshAfter?: number | undefined;
  /** Base address of Vambe's API (default: `https://api.vambe.me`). */
  apiUrl?: string | undefined;
  /** Secrets that a `user_hash` is checked with, and nothing else is (default: keys derived from `identitySecrets`). */
  userHashSecrets?: readonly (string | undefined)[] | undefined;
  /** Accept ID tokens of this OpenID provider, or of several, as proof. */
  oidcIssuer?: string | string[] | undefined;
  /**
   * What `aud` of those tokens (Clerk: `azp`) has to be; one of several suffices. Required beside `oidcIssuer`. With
   * several issuers this and what follows says which of them it is for: `https://issuer.example.com=client-id`.
   */
  oidcAudience?: string[] | undefined;
  /** Where an issuer's keys are, in place of what its discovery document says. May be in a private network. */
  oidcJwksUrl?: string | string[] | undefined;
  /** The claim that has the user's id (default: `sub`). */
  oidcIdClaim?: string | string[] | undefined;
  /** Whether an email counts also where an ID token has no `email_verified` (default: no). */
  oidcTrustEmail?: boolean | string | string[] | undefined;
  /** The site's own endpoint that says who the visitor's cookies belong to. */
  sessionUrl?: string | undefined;
  /** Where in that endpoint's JSON a trait stands: trait → path, such as `{ name: "user.fullName" }`. */
  sessionFields?: Readonly<Record<string, string>> | undefined;
  /** Lets each proof serve once; proofs then need a `jti` (default: no). */
  proofOnce?: boolean | undefined;
  /** Accepts an id without a proof, and marks it `verified: false` (default: no). */
  allowUnverified?: boolean | undefined;
  /** What happens to traits that no proof covers (default: `ignore`). `apply` lets visitors write what they like. */
  unprovenTraits?: "ignore" | "apply" | undefined;
  /** The private JWK (P-256), as JSON, that signs the tokens (default: one made once and kept in the database). */
  signingKey?: string | undefined;
}
