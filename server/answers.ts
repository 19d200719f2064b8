/**
 * What the exchange answers. Types alone, and in a file of their own, so that a page whose types come from here
 * needs none of the server's libraries.
 */

/**
 * `delivered`: Vambe has it. `unchanged`: Vambe had it already. `queued`: stored here, on its way to Vambe. `rejected`:
 * Vambe refuses this contact for good; the operator knows why.
 */
export type DeliveryStatus = "delivered" | "unchanged" | "queued" | "rejected";

/** Why a trait did not go to Vambe. */
export type IgnoredReason =
  /** No proof covers it (see `VAMBE_UNPROVEN_TRAITS`). */
  | "unproven"
  /** The page says another value than the proof; the proof's was taken. */
  | "differs-from-proof"
  /** A custom field that `VAMBE_FIELDS` does not list. */
  | "not-in-fields-setting"
  /** Not a name this protocol knows; custom fields belong in `fields`. */
  | "unknown-trait"
  /** The issuer of the ID token does not say that it is verified (see `VAMBE_OIDC_TRUST_EMAIL`). */
  | "not-verified"
  /** Not an email address. */
  | "not-an-email"
  /** Not a phone number, or one without its country (see `VAMBE_PHONE_COUNTRY`). */
  | "not-a-phone"
  /** It is something that such a trait cannot be: a list, an object, or in a proof too long a text. */
  | "not-valid"
  /** `null` for a name or an email, which cannot be emptied at Vambe. */
  | "cannot-be-cleared"
  /** A newer proof has said something else. */
  | "older-than-known"
  /** Somebody acts for the user, and nothing is written on their word. */
  | "by-actor"
  /** Vambe has no custom field of that key yet: it is kept here and sent once there is one. */
  | "missing-at-vambe"
  /** Vambe refuses the whole contact, or this value: it is kept here, for the operator to look at. */
  | "rejected-by-vambe";

export interface IgnoredTrait {
  trait: string;
  reason: IgnoredReason;
}

/** 200 of `POST /identify`. */
export interface IdentifyAnswer {
  status: DeliveryStatus;
  /** `name` and `plan` where a proof has them: what the page may show its own user without knowing it. */
  user: { id: string; verified: boolean; name?: string; plan?: string };
  /** Who acts for the user, by the proof's `act`: then no trait was written, and the webchat gets no token. */
  actor?: { id: string };
  /** Names of the traits that Vambe has or will have: `name`, `email`, `plan`, `phone` or the name of a custom field. */
  applied: string[];
  ignored: IgnoredTrait[];
  /** A JWT (ES256, `typ: vambe-identity+jwt`), to be checked with `/.well-known/jwks.json`. */
  token: string;
  /** Seconds since the epoch, as the token's own `exp`. */
  expires_at: number;
  /** The same in seconds from now: a page's clock may say anything. */
  expires_in: number;
  /**
   * What Vambe's webchat takes in place of the user's id, where the exchange has its secret and the user is verified: a
   * JWT (HS256) that is good for an hour at most. It opens the user's conversation: never log or store it.
   */
  webchat_token?: string;
  request_id: string;
}

/** Every answer that is not 2xx: RFC 9457, `application/problem+json`. */
export interface ProblemBody {
  /** `<public URL>/problems/<slug>`: a page for people that says how to mend it. */
  type: string;
  title: string;
  status: number;
  detail: string;
  request_id: string;
  /** With `invalid-user` and `proof-claims`: each field that is wrong and why. */
  errors?: { field: string; detail: string }[];
}
