import type { DeliveryStatus, IgnoredTrait } from "../server/answers.ts";

/**
 * Who is signed in, as the page says. Only what the proof covers reaches Vambe. `null` empties a trait there, leaving it out
 * leaves it alone.
 */
export interface User {
  /** The site's own id for the user: a string, or a number that is exact. */
  id: string | number;
  name?: string | null | undefined;
  email?: string | null | undefined;
  plan?: string | null | undefined;
  /** Counts where the proof has it too. */
  phone?: string | null | undefined;
  /** The company that the user belongs to. */
  company?: { id?: string | number | null; name?: string | null; plan?: string | null } | null | undefined;
  /** A JWT that the site's backend signed for this user. It is sent to the exchange and nowhere else. */
  proof?: string | null | undefined;
  /** Hex HMAC-SHA256 of the id, if the site has one already. */
  user_hash?: string | null | undefined;
  /** Further custom fields, by name. A `Date` is sent as its ISO string. */
  fields?: Record<string, string | number | boolean | Date | null> | null | undefined;
}

export interface IdentifyOptions {
  /**
   * Fetches a proof from the site's backend. It is called at first (unless the user comes with a proof), before the
   * token expires, and once more after the exchange has refused a proof because it is expired or used.
   */
  getProof?: () => Promise<string> | string;
}

/** What the exchange answered. */
export interface Identity {
  id: string;
  /** Whether a proof stands behind the id. */
  verified: boolean;
  /** The user's name and plan, where the proof has them: for the badge, if the page gave none. */
  name?: string;
  plan?: string;
  /** Who acts for the user, such as support that has logged in as a customer. Nothing is then written. */
  actor?: { id: string };
  /**
   * `delivered`: Vambe has it. `unchanged`: Vambe had it already. `queued`: saved, on its way to Vambe. `rejected`: Vambe
   * refuses this contact for good; the exchange's log says why.
   */
  status: DeliveryStatus;
  /** Names of the traits that Vambe has or will have. */
  applied: string[];
  /** Traits that were left out, each with the reason. */
  ignored: IgnoredTrait[];
  /** A signed JWT for the site's own use. Check it with the exchange's `/.well-known/jwks.json`. */
  token: string;
  /** When the token expires, in milliseconds since the epoch. */
  expiresAt: number;
  /** The id that the exchange's log has for this request. */
  requestId: string;
}

/** Codes that come from the page itself. Every other code is the slug of one of the exchange's problems. */
export type LocalErrorCode =
  /** No answer: the exchange is not reachable, or this page's origin is not allowed. */
  | "network"
  /** No answer within ten seconds, including retries and `getProof`. */
  | "timeout"
  /** A newer call or a log-out came in between, or the page has given this very proof before a log-out. */
  | "superseded"
  /** The user has no usable `id`, or cannot be written as JSON. */
  | "invalid-user"
  /** What answered is not an exchange, or not one of this version. */
  | "bad-answer"
  /** `getProof` rejected, or gave something other than a string. */
  | "proof-failed";

/** Why an identify failed. */
export interface IdentifyError extends Error {
  name: "IdentifyError";
  code: LocalErrorCode | (string & Record<never, never>);
  /** What went wrong, for the developer. */
  detail: string;
  /** HTTP status, if there was an answer. */
  status?: number;
  /** Address of the page that says how to mend it. */
  type?: string;
  /** The id that the exchange's log has for this request. */
  requestId?: string;
  /** Each field that is wrong and why. */
  errors?: { field: string; detail: string }[];
}

export interface VambeIdentify {
  /**
   * Says who is signed in. Before the script has loaded, the stub keeps the call and returns nothing.
   * @returns a promise of the identity. It rejects with an {@link IdentifyError}. The page may ignore it.
   */
  (user: User, options?: IdentifyOptions): Promise<Identity>;
  /** Logs out, as {@link VambeIdentify.reset} does. */
  (user: null): Promise<null>;
  /** Logs out: forgets the identity in this tab and every other, and stops what is under way. */
  reset(): void;
  /**
   * Says whether the visitor has consented. On pages that ask (`data-consent`) nothing is sent or stored until then, and
   * calls wait. `false` logs out, in every tab; there it also erases what was stored, and calls wait again.
   */
  consent(given: boolean): void;
  /** The present identity, or `null`. */
  readonly current: Identity | null;
}

/**
 * What the stub leaves behind: the arguments of each call, in the order they were made. Who is in charge makes at once
 * what is pushed, for pages that kept the stub.
 */
export interface CallQueue {
  q?: Iterable<Iterable<unknown>> | { push(call: Iterable<unknown>): void };
}

export interface VambeEvents {
  "vambe:ready": CustomEvent<null>;
  "vambe:identified": CustomEvent<Identity>;
  "vambe:error": CustomEvent<IdentifyError>;
  "vambe:reset": CustomEvent<null>;
  /** The visitor wants to be signed out. The badge then logs out, unless the event is prevented. */
  "vambe:signout": CustomEvent<null>;
}

declare global {
  interface Window {
    VambeIdentify?: VambeIdentify;
    /** The tag's settings, where it can carry none: the names of `data-*` in camelCase, and texts. */
    vambeIdentitySettings?: Record<string, string>;
  }
  interface WindowEventMap extends VambeEvents {}
}
