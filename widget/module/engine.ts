import { createIdentify, type Emit } from "../identify.ts";
import type { State } from "../state.ts";
import type { CallQueue, IdentifyOptions, User, VambeIdentify } from "../types.ts";
import { handToWebchat } from "../webchat.ts";
import type { BadgeFeed } from "./badge-feed.ts";
import { configure } from "./configure.ts";
import { setUnderWay } from "./identity-state.ts";
import { site } from "./site.ts";

export interface Engine {
  identify: VambeIdentify;
  /** What a badge is to show, where the engine is this module's own. */
  badge?: BadgeFeed;
}

let own: Engine | undefined;

/**
 * Whoever is in charge of the page's identity: the script tag, another copy of this module or, where there is
 * neither, from now on this module, which then makes the calls that the stub has kept.
 */
export function engine(): Engine {
  const before: (Partial<VambeIdentify> & CallQueue) | undefined = window.VambeIdentify;
  if (own && before === own.identify) return own;
  return before?.reset ? { identify: before as VambeIdentify } : install(before?.q ?? []);
}

function install(queue: NonNullable<CallQueue["q"]>): Engine {
  let shown: State = { kind: "hidden" };
  const badges = new Set<(state: State) => void>();

  const show = (state: State) => {
    const { kind, call } = state;
    shown = state;
    for (const badge of badges) badge(state);
    // Someone known from the last page load is shown at once; whether it is so, the exchange has yet to say.
    const underWay = kind === "working" || (kind === "known" && !call?.identity);
    setUnderWay(underWay, kind === "failed" ? call?.error : undefined);
  };
  configure({});
  if (site.webchat) badges.add(handToWebchat(site.webchat));
  const [identify, retry] = createIdentify(site, show, emit);
  const subscribe: BadgeFeed["subscribe"] = (badge) => {
    badges.add(badge);
    badge(shown);
    return () => void badges.delete(badge);
  };

  own = { identify, badge: { subscribe, retry } };
  window.VambeIdentify = identify;
  for (const [user, options] of queue) identify(user as User, options as IdentifyOptions);
  dispatchEvent(new CustomEvent("vambe:ready"));
  return own;
}

const emit: Emit = (type, detail) => {
  // In a microtask: a handler may identify or reset in turn.
  queueMicrotask(() => dispatchEvent(new CustomEvent(type, { detail })));
};
