import type { IdentifyError, Identity } from "../types.ts";

/** Who is signed in, as far as this page knows. It stays the same object until something changes. */
export type IdentityState =
  | { readonly status: "anonymous"; readonly identity: null; readonly error: null }
  | { readonly status: "identifying"; readonly identity: null; readonly error: null }
  /** `error` says why the last attempt to renew or update failed. The person is still known. */
  | { readonly status: "identified"; readonly identity: Identity; readonly error: IdentifyError | null }
  | { readonly status: "failed"; readonly identity: null; readonly error: IdentifyError };

/** Before anybody is identified, and always on a server. */
export const ANONYMOUS: IdentityState = { status: "anonymous", identity: null, error: null };

/** Calls `listener` after each change. Several changes in one turn count as one. Returns how to stop that. */
export type Subscribe = (listener: () => void) => () => void;

const listeners = new Set<() => void>();
let state: IdentityState = ANONYMOUS;
let underWay = false;
let error: IdentifyError | null = null;
let listening = false;

export const inBrowser = () => typeof document !== "undefined";

export function getState(): IdentityState {
  listen();
  return state;
}

export const onChange: Subscribe = (listener) => {
  // A server renders a page and is done with it: nothing would ever take the listener out.
  if (!inBrowser()) return () => {};
  listen();
  // A new function each time, so that a listener that is subscribed twice is called twice.
  const own = () => listener();
  listeners.add(own);
  return () => void listeners.delete(own);
};

/** Says that an identify has begun (`now`) or ended, and `why` it failed. */
export function setUnderWay(now: boolean, why: IdentifyError | null = null): void {
  listen();
  underWay = now;
  error = why;
  refresh();
}

/** Follows the VambeIdentify that the page has, or that it gets later. */
function listen() {
  if (listening || !inBrowser()) return;
  listening = true;
  addEventListener("vambe:ready", refresh);
  addEventListener("vambe:identified", () => about(null));
  addEventListener("vambe:reset", () => about(null));
  addEventListener("vambe:error", ({ detail }) => about(detail));
  refresh();
}

function about(event: IdentifyError | null) {
  // While a call is under way, the event is about an older one.
  if (!underWay) error = event;
  refresh();
}

function refresh() {
  const next = stateOf(window.VambeIdentify?.current ?? null);
  if (next.status === state.status && next.identity === state.identity && next.error === state.error) return;
  state = next;
  queueMicrotask(() => {
    if (state === next) for (const listener of [...listeners]) tell(listener);
  });
}

function stateOf(identity: Identity | null): IdentityState {
  if (identity) return { status: "identified", identity, error };
  if (underWay) return { status: "identifying", identity, error: null };
  return error ? { status: "failed", identity, error } : ANONYMOUS;
}

function tell(listener: () => void) {
  try {
    listener();
  } catch (fault) {
    reportError(fault);
  }
}
