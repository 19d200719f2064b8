import type { mount } from "./badge/badge.tsx";
import { createIdentify } from "./identify.ts";
import { install, isInstalled } from "./install.ts";
import { readSettings } from "./settings.ts";
import { createStore, type State } from "./state.ts";
import { handToWebchat } from "./webchat.ts";

if (!isInstalled()) {
  const { server, part, data } = readSettings();
  const state = createStore<State>({ kind: "hidden" });
  const credentials = data.credentials === "include" ? "include" : "omit";
  const [identify, retry] = createIdentify({ server, credentials, onSent: showBadge }, state.set);

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

  install(identify, () => {
    try {
      if (data.user) identify(JSON.parse(data.user));
    } catch {
      // biome-ignore lint/suspicious/noConsole: a tag has no caller who could be told.
      console.error("vambe-identity: data-user is not JSON.");
    }
  });
}
