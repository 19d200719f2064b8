import type { GivenUser } from "./given-user.ts";
import type { IdentifyError, Identity } from "./types.ts";

/** The one call that counts, from the moment it is made until a newer one or a log-out retires it. */
export interface Call extends GivenUser {
  /** The proof to send: at first the page's own, later the one that was sent last. */
  held?: GivenUser["proof"];
  answer: Promise<Identity>;
  busy: boolean;
  stop: AbortController;
  /** What the exchange answered last. */
  identity?: Identity;
  /** What the webchat takes in place of the id. It is kept here and in the webchat's configuration, nowhere else. */
  webchatToken?: string | undefined;
  /** Why the last attempt failed. A renewal is an attempt too. */
  error?: IdentifyError;
  /** How often the widget has asked whether a queued contact has arrived. */
  looks: number;
  /** How many renewals of the token have failed in a row. */
  failures: number;
}
