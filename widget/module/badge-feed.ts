import type { Shown } from "../badge/picture.ts";
import { type GivenUser, readUser } from "../given-user.ts";
import { type BadgeFeed, engine } from "./engine.ts";
import { lastUser, retry } from "./identify.ts";
import { getState, onChange } from "./identity-state.ts";

export const badgeFeed = (): BadgeFeed => engine().badge ?? fromOutside;

/** For a page where another engine is in charge: what its events say, and the user that this module was given. */
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
  const given = lastGiven();
  if (identity) {
    const { id } = identity;
    const traits = given?.id === id ? given.traits : "{}";
    return { kind: "known", call: { id, traits, identity } };
  }
  if (!given || status === "anonymous") return { kind: "hidden" };
  const { id, traits } = given;
  return status === "failed"
    ? { kind: "failed", call: { id, traits, error } }
    : { kind: "working", call: { id, traits } };
}

function lastGiven(): GivenUser | undefined {
  const user = lastUser();
  try {
    return user && readUser(user, undefined);
  } catch {
    return undefined;
  }
}
