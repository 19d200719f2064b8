import type { mount } from "./badge/badge.tsx";
import { createIdentify } from "./identify.ts";
import { readSettings } from "./settings.ts";
import { type BadgeState, createStore } from "./state.ts";
import type { CallQueue, IdentifyOptions, User, VambeIdentify } from "./types.ts";
import { handToWebchat } from "./webchat.ts";

const before: (Partial<VambeIdentify> & CallQueue) | undefined = window.VambeIdentify;

// A second copy of the script leaves the first in charge.
if (!before?.reset) install(before?.q ?? []);

function install(queue: NonNullable<CallQueue["q"]>) {
  const { server, badgeModule, data } = readSettings();
  const state = createStore<BadgeState>({ kind: "hidden" });
  let awaited = !!data.badge;

  const { identify, retry } = createIdentify({
    site: { server, credentials: data.credentials === "include" ? "include" : "omit", onSent: loadBadge },
    show: state.set,
    // In a microtask, so that no handler runs between two calls of the queue.
    emit: (type, detail) => queueMicrotask(() => dispatchEvent(new CustomEvent(type, { detail }))),
  });

  function loadBadge() {
    if (!awaited) return;
    awaited = false;
    import(/* @vite-ignore */ badgeModule)
      .then((module: { mount: typeof mount }) => module.mount({ data, subscribe: state.subscribe, retry }))
      .catch(() => {}); // The badge is an ornament: without it, everything else works.
  }

  state.subscribe(({ kind }) => {
    if (kind === "failed") loadBadge();
  });
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
    console.error("vambe-identity: data-user in the script tag is not valid JSON.");
  }
}
