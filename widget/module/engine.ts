import type { Shown } from "../badge/picture.ts";
import { createGate } from "../gate/gate.ts";
import { createIdentify } from "../identify.ts";
import { install, isInstalled } from "../install.ts";
import { now } from "../lib/now.ts";
import type { State } from "../state.ts";
import { mount as tend } from "../tend/tend.ts";
import type { VambeIdentify } from "../types.ts";
import { configure } from "./configure.ts";
import { setUnderWay } from "./identity-state.ts";
import { site } from "./site.ts";

/** What a badge follows. */
export interface BadgeFeed {
  /** Calls `badge` now and after every change. Returns how to stop that. */
  subscribe(badge: (state: Shown) => void): () => void;
  /** Makes the failed call again. */
  retry(): void;
}

export interface Engine {
  identify: VambeIdentify;
  /** What a badge follows. Only this module's own engine has it. */
  badge?: BadgeFeed;
}

let own: Engine | undefined;

/**
 * Returns who is in charge of the page's identity: the script tag, or another copy of this module. If there is
 * neither, this module takes charge.
 */
export function engine(): Engine {
  if (!isInstalled()) return start();
  const identify = window.VambeIdentify as VambeIdentify;
  return own?.identify === identify ? own : { identify };
}

function start(): Engine {
  let shown: State = { kind: "hidden" };
  const badges = new Set<(state: State) => void>();

  const show = (state: State) => {
    const { kind, call } = state;
    shown = state;
    for (const badge of badges) queueMicrotask(() => badge(state));
    // A user known from the last page load is shown at once, but the exchange has not answered yet.
    const underWay = kind === "working" || (kind === "known" && !call?.identity);
    setUnderWay(underWay, kind === "failed" ? call?.error : undefined);
  };
  const subscribe = (badge: (state: State) => void) => {
    badges.add(badge);
    badge(shown);
    return () => void badges.delete(badge);
  };
  let retry: BadgeFeed["retry"] = () => {};

  configure({});
  const { webchat, consent = false } = site;
  const identify = createGate({
    required: consent,
    start() {
      if (webchat) {
        const data = Object.assign(webchat, { server: site.server });
        site.chat = import("../chat/chat.ts")
          .then(({ mount }) => mount({ data, subscribe }))
          // biome-ignore lint/suspicious/noConsole: whoever configured it has gone on long ago.
          .catch(console.warn);
      }
      const [begun, again] = createIdentify(site, show);
      retry = again;
      tend({ subscribe, retry: again, now });
      return begun;
    },
    data: webchat,
  });
  own = { identify, badge: { subscribe, retry: () => retry() } };
  install(identify);
  return own;
}
