/**
 * Every error that can leave the server, in one place. The slug is the stable end of the problem's `type` and
 * the address of its page; `remedy` stands on that page, in other languages by `problem-texts/`.
 */
export const PROBLEMS = {
  "malformed-json": {
    status: 400,
    title: "The body is not JSON",
    remedy: 'Send the body as one UTF-8 JSON object: { "user": { "id": "…" }, "proof": "…" }.',
  },
  "invalid-user": {
    status: 400,
    title: "The user is not valid",
    remedy:
      "Look at `errors` in the answer: it names each field and what is wrong with it. Only `id` is required; leave out or set to null what you do not know.",
  },
  "body-too-large": {
    status: 413,
    title: "The body is too large",
    remedy: "Keep the body under 32 KB. Send fewer or shorter custom fields.",
  },
  "headers-too-large": {
    status: 431,
    title: "The headers are too large",
    remedy:
      "Keep all headers of a request under 32 KB. Mostly it is the cookies of the site's domain: remove old ones, or serve the exchange from a subdomain that they are not meant for. The log has the same problem, without a request id.",
  },
  "not-json": {
    status: 415,
    title: "The body must be sent as JSON",
    remedy: "Set the header Content-Type: application/json. Forms and text/plain are refused.",
  },
  "origin-not-allowed": {
    status: 403,
    title: "This page may not identify users",
    remedy:
      "Add the page's origin, as the browser's address bar shows it (https://www.example.com, no path), to VAMBE_ALLOWED_ORIGINS and restart the exchange. https://*.example.com stands for each subdomain, one label deep. A file:// page and a sandboxed frame have no origin and cannot be allowed.",
  },
  "proof-missing": {
    status: 401,
    title: "The user comes without a proof",
    remedy:
      'Have your backend sign a JWT for the signed-in user and pass it as `proof` to VambeIdentify. For a first try on your own machine, VAMBE_ALLOW_UNVERIFIED=true accepts ids without a proof. With VAMBE_SESSION_URL no cookie arrived: set data-credentials="include" on the script tag, and serve the exchange from the site\'s own domain.',
  },
  "proof-malformed": {
    status: 401,
    title: "The proof is not a JWT of an accepted kind",
    remedy:
      "Send a compact JWT: HS256 with VAMBE_IDENTITY_SECRET, or RS256, ES256 or EdDSA of the issuer in VAMBE_OIDC_ISSUER. Tokens without a signature (alg: none), of another `typ`, with critical extensions or with a key in the header are refused. So are access tokens, logout tokens and tokens that are bound to a key (send the ID token), and the token that this exchange issues.",
  },
  "proof-signature": {
    status: 401,
    title: "The proof's signature does not verify",
    remedy:
      "Sign with the same secret that the exchange has in VAMBE_IDENTITY_SECRET: the string as it stands, not decoded from base64 or hex, and without the line break or the quotes that a file may have around it. After a change of secret, keep the old one in the list until the last page signed with it is gone. For ID tokens, compare their `iss` and `kid` with VAMBE_OIDC_ISSUER and the keys that it publishes.",
  },
  "proof-expired": {
    status: 401,
    title: "The proof has expired",
    remedy:
      "Sign a new proof for each page load, or pass getProof so that the page can ask for a new one. If a new proof is refused too, compare the clocks of the two servers.",
  },
  "proof-lifetime": {
    status: 401,
    title: "The proof's times are not acceptable",
    remedy:
      "Set `exp` to a number of seconds since the epoch, at most one hour ahead (ten minutes is plenty), and let `iat` and `nbf` not lie in the future: compare the clocks of the two servers. Milliseconds are a common mistake. ID tokens of an issuer may live up to 24 hours, and need an `iat`.",
  },
  "proof-audience": {
    status: 401,
    title: "The proof is meant for someone else",
    remedy:
      'Set `aud` to "vambe-identity" in the proofs that your backend signs. For ID tokens of an issuer, VAMBE_OIDC_AUDIENCE has to list their `aud`, the client id, and their `azp` and `client_id` where they have one; those of Clerk have `azp` alone. A token made for another service is not a proof here.',
  },
  "proof-claims": {
    status: 401,
    title: "The proof's claims are not valid",
    remedy:
      "Look at `errors` in the answer. `sub`, or the claim in VAMBE_OIDC_ID_CLAIM, must be the user's id, as a string; `iss` an issuer in VAMBE_OIDC_ISSUER, letter by letter; `name`, `email` and `plan` strings; `fields` an object of custom fields.",
  },
  "proof-other-user": {
    status: 401,
    title: "The proof is for another user",
    remedy:
      "The `id` that the page passes and the `sub` in the proof (of an ID token, the claim in VAMBE_OIDC_ID_CLAIM) must be the same. After a change of user, fetch a new proof before you call VambeIdentify.",
  },
  "proof-used": {
    status: 401,
    title: "The proof has been used before",
    remedy:
      "With VAMBE_PROOF_ONCE each proof serves once. Sign a new one, with a new `jti`, for each page load, or pass getProof.",
  },
  "proof-user-hash": {
    status: 401,
    title: "The user_hash does not match the id",
    remedy:
      "`user_hash` is the HMAC-SHA256 of the id, as text, in hex (64 digits), with the secret in VAMBE_USER_HASH_SECRET as the key. Without that setting it is what hashUser of vambe-identity/sign makes with VAMBE_IDENTITY_SECRET.",
  },
  "session-none": {
    status: 401,
    title: "The visitor is not signed in at the site",
    remedy:
      "The site's endpoint (VAMBE_SESSION_URL) did not name a user for the visitor's cookies. Call VambeIdentify only after login, set data-credentials=\"include\" on the script tag, and let the session cookie reach the exchange: same site, SameSite=Lax or None, and a Domain that covers both.",
  },
  "issuer-unavailable": {
    status: 503,
    title: "The proof cannot be checked now",
    remedy:
      "The keys of the issuer (VAMBE_OIDC_ISSUER) or the site's endpoint (VAMBE_SESSION_URL) cannot be fetched. The exchange's log names the cause. The widget tries again by itself.",
  },
  "rate-limited": {
    status: 429,
    title: "Too many requests",
    remedy:
      "Wait as long as Retry-After says. A page needs one identify for each page load; look for a loop. VAMBE_RATE_LIMIT sets the limit, refusals are counted apart, and behind a proxy VAMBE_TRUST_PROXY has to be set, or all visitors count as one.",
  },
  "not-fetch": {
    status: 403,
    title: "The request was not made by fetch",
    remedy:
      "Identifies come from the widget's script. Form posts, navigations and embedded frames are refused.",
  },
  "not-found": {
    status: 404,
    title: "There is nothing here",
    remedy:
      "The widget is at /vambe-identity.js, identifies go to POST /identify. Check data-server in the script tag.",
  },
  "method-not-allowed": {
    status: 405,
    title: "This method is not allowed here",
    remedy: "Use the method that the Allow header names.",
  },
  "storage-unavailable": {
    status: 503,
    title: "The identify could not be stored",
    remedy:
      "Nothing was accepted. The exchange cannot write its database (VAMBE_DATABASE_URL): look at its log for the cause, such as a full disk or missing permission. The widget tries again by itself.",
  },
  "internal-error": {
    status: 500,
    title: "Something went wrong in the exchange",
    remedy: "Find the request id in the exchange's log; the line beside it names the kind of error.",
  },
} as const;

export type ProblemSlug = keyof typeof PROBLEMS;

/** What a field has wrong. `detail` never repeats the value. */
export interface FieldError {
  field: string;
  detail: string;
}

/** An error that the caller is told about. Its message is safe to send: it never holds what came in. */
export class Problem extends Error {
  readonly slug: ProblemSlug;
  readonly errors: readonly FieldError[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    slug: ProblemSlug,
    detail: string,
    extra: { errors?: readonly FieldError[]; headers?: Record<string, string> } = {},
  ) {
    super(detail);
    this.name = "Problem";
    this.slug = slug;
    this.errors = extra.errors ?? [];
    this.headers = extra.headers ?? {};
  }

  get status(): number {
    return PROBLEMS[this.slug].status;
  }
}
