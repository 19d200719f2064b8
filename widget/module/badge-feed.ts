import type { Shown } from "../badge/picture.ts";
import { type Claim, readClaim } from "../given-user.ts";
import { engine } from "./engine.ts";
import { lastUser, retry } from "./identify.ts";
import { getState, onChange } from "./identity-state.ts";

/** What a badge follows. */
export interface BadgeFeed {
  /** Calls `badge` now and after every change. Returns how to stop that. */
  subscribe(badge: (state: Shown) => void): () => void;
  /** Makes the failed call again. */
  retry(): void;
}

export const badgeFeed = (): BadgeFeed => engine().badge ?? fromOutside;

/** Where another engine is in charge: what its events say, and the user that this module was told of. */
const fromOutside: BadgeFeed = {
  subscribe(badge) {
    const tell = () => badge(shown());
    tell();
    return onChange(tell);
  },
  retry,
};

function shown(): Shown {
  const { status, identity, error } = getState();
  const claim = lastClaim();
  if (identity) {
    const { id } = identity;
    const traits = claim?.id === id ? claim.traits : "{}";
    return { kind: "known", call: { id, traits, identity } };
  }
  if (!claim || status === "anonymous") return { kind: "hidden" };
  const { id, traits } = claim;
  return status === "failed"
    ? { kind: "failed", call: { id, traits, error } }
    : { kind: "working", call: { id, traits } };
}

function lastClaim(): Claim | undefined {
  const user = lastUser();
  try {
    return user && readClaim(user, undefined);
  } catch {
    return undefined;
  }
}
