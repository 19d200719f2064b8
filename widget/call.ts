import type { GivenUser } from "./given-user.ts";
import type { IdentifyError, Identity } from "./types.ts";

/** The one call that counts, from the moment it is made until a newer one or a log-out retires it. */
export interface Call extends GivenUser {
  /** The proof at hand: the page's own at first, then the one that was sent last. */
  held?: GivenUser["proof"];
  answer: Promise<Identity>;
  busy: boolean;
  stop: AbortController;
  /** What the exchange answered last. */
  identity?: Identity;
  /** Why the last attempt, a renewal among them, failed. */
  error?: IdentifyError;
  /** How often it was looked again whether a queued contact has arrived. */
  looks: number;
  /** How often in a row the token could not be renewed. */
  failures: number;
}
