import type { mount } from "./badge/badge.tsx";
import { createIdentify, type Emit } from "./identify.ts";
import { readSettings } from "./settings.ts";
import { createStore, type State } from "./state.ts";
import type { CallQueue, IdentifyOptions, User, VambeIdentify } from "./types.ts";
import { handToWebchat } from "./webchat.ts";

const before: (Partial<VambeIdentify> & CallQueue) | undefined = window.VambeIdentify;

// A second copy of the script leaves the first in charge.
if (!before?.reset) install(before?.q ?? []);

function install(queue: NonNullable<CallQueue["q"]>) {
  const { server, part, data } = readSettings();
  const state = createStore<State>({ kind: "hidden" });
  const credentials = data.credentials === "include" ? "include" : "omit";
  const emit: Emit = (type, detail) => {
    // In a microtask, so that no handler runs between two calls of the queue.
    queueMicrotask(() => dispatchEvent(new CustomEvent(type, { detail })));
    // Nothing was sent where another tab had the answer.
    if (detail) showBadge();
  };
  const [identify, retry] = createIdentify({ server, credentials, onSent: showBadge }, state.set, emit);

  // Badge and inspector are ornaments: without them, everything else works.
  const load = (address: string) =>
    import(/* @vite-ignore */ address).then((module: { mount: typeof mount }) =>
      module.mount({ data, subscribe: state.subscribe, retry }),
    );

  let badge = data.badge && part("badge");
  function showBadge() {
    const address = badge;
    badge = "";
    if (address) {
      load(address).catch((error) => {
        // Offline, perhaps. Browsers remember that an address failed, so the next identify asks for another.
        badge = `${address}?`;
        // biome-ignore lint/suspicious/noConsole: a tag has no caller who could be told.
        console.warn(error);
      });
    }
  }

  // biome-ignore lint/suspicious/noConsole: as above.
  if ("debug" in data) load(part("inspector")).catch(console.warn);
  if ("webchat" in data) state.subscribe(handToWebchat(data.webchat || "externalUserId"));

  window.VambeIdentify = identify;
  if (data.user) identifyFromTag(identify, data.user);
  for (const call of queue) identify(...(call as [User, IdentifyOptions]));
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
