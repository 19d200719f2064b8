import type { Claim } from "./claim.ts";
import type { IdentifyError, Identity } from "./types.ts";

/** The one call that counts, from the moment it is made until a newer one or a log-out retires it. */
export interface Call extends Claim {
  answer: Promise<Identity>;
  busy: boolean;
  stop: AbortController;
  /** What the exchange answered last. */
  identity?: Identity;
  /** Why the last attempt, a renewal among them, failed. */
  error?: IdentifyError;
  /** How often it was looked again, or the token could not be renewed, since the last answer. */
  tries: number;
}
