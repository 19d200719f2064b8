import type { mount } from "./badge/badge.tsx";
import { createIdentify, type Emit } from "./identify.ts";
import { readSettings } from "./settings.ts";
import { type BadgeState, createStore } from "./state.ts";
import type { CallQueue, IdentifyOptions, User, VambeIdentify } from "./types.ts";
import { handToWebchat } from "./webchat.ts";

const before: (Partial<VambeIdentify> & CallQueue) | undefined = window.VambeIdentify;

// A second copy of the script leaves the first in charge.
if (!before?.reset) install(before?.q ?? []);

function install(queue: NonNullable<CallQueue["q"]>) {
  const { server, part, data } = readSettings();
  const state = createStore<BadgeState>({ kind: "hidden" });
  let awaited = !!data.badge;

  const credentials = data.credentials === "include" ? "include" : "omit";
  const emit: Emit = (type, detail) => {
    // In a microtask, so that no handler runs between two calls of the queue.
    queueMicrotask(() => dispatchEvent(new CustomEvent(type, { detail })));
    // Nothing was sent where another tab had the answer.
    if (detail) loadBadge();
  };
  const [identify, retry] = createIdentify({ server, credentials, onSent: loadBadge }, state.set, emit);

  function loadBadge() {
    if (!awaited) return;
    awaited = false;
    import(/* @vite-ignore */ part("badge"))
      .then((module: { mount: typeof mount }) => module.mount({ data, subscribe: state.subscribe, retry }))
      // biome-ignore lint/suspicious/noConsole: a tag has no caller who could be told.
      .catch(console.warn); // The badge is an ornament: without it, everything else works.
  }

  if ("webchat" in data) state.subscribe(handToWebchat(data.webchat || "externalUserId"));

  window.VambeIdentify = identify;
  if (data.user) identifyFromTag(identify, data.user);
  for (const [user, options] of queue) identify(user as User, options as IdentifyOptions);
  dispatchEvent(new CustomEvent("vambe:ready"));
}

function identifyFromTag(identify: VambeIdentify, json: string) {
  try {
    identify(JSON.parse(json));
  } catch {
    // biome-ignore lint/suspicious/noConsole: a tag has no caller who could be told.
    console.error("vambe-identity: data-user is not JSON.");
  }
}
