import type { GivenUser } from "./given-user.ts";
import type { IdentifyError, Identity } from "./types.ts";

/** The one user that counts, from the page's first call until another user or a log-out takes the place. */
export interface Call extends GivenUser {
  /** When the page made the call, as statements count time. Nothing that happens by itself makes it newer. */
  at: number;
  /** The proof to send: at first the page's own, later the one that was sent last. */
  held?: GivenUser["proof"];
  /** What the last attempt promises. It is not there once that has failed. */
  answer?: Promise<Identity> | undefined;
  /** Stops the attempt that is under way. */
  stop?: AbortController | undefined;
  /** What the exchange answered last. */
  identity?: Identity | undefined;
  /** When its token expires, in milliseconds by `now()`. */
  until: number;
  /** What the webchat takes in place of the id. It is kept here and in the webchat's configuration, nowhere else. */
  webchatToken?: string | undefined;
  /** Why the last attempt failed, if it did. A renewal is an attempt too. */
  error?: IdentifyError | undefined;
}
