import { createIdentify } from "./identify.ts";
import { install, isInstalled } from "./install.ts";
import type { PartOptions } from "./part.ts";
import { readSettings } from "./settings.ts";
import { createStore, type State } from "./state.ts";

if (!isInstalled()) {
  const { server, part, data } = readSettings();
  const state = createStore<State>({ kind: "hidden" });
  const credentials = data.credentials === "include" ? "include" : "same-origin";
  // Badge and inspector are ornaments: everything else works without them.
  const load = (address: string) =>
    import(/* @vite-ignore */ address).then((module: { mount(options: PartOptions<State>): void }) =>
      module.mount({ data, subscribe: state.subscribe, retry: () => retry() }),
    );

  const chat =
    (data.webchat ?? data.webchatClient) != null &&
    // biome-ignore lint/suspicious/noConsole: a tag has no caller who could be told.
    load(part("chat")).catch(console.warn);
  const [identify, retry] = createIdentify({ server, credentials, chat, onNews: showBadge }, state.set);

  let badge = data.badge && part("badge");
  function showBadge() {
    const address = badge;
    badge = "";
    if (address) {
      load(address).catch((error) => {
        // Perhaps the page is offline. Browsers remember that an address failed, so the next try takes another.
        badge = `${address}?`;
        // biome-ignore lint/suspicious/noConsole: a tag has no caller who could be told.
        console.warn(error);
      });
    }
  }

  // biome-ignore lint/suspicious/noConsole: as above.
  if ("debug" in data) load(part("inspector")).catch(console.warn);

  install(identify, () => {
    try {
      if (data.user) identify(JSON.parse(data.user));
    } catch {
      // biome-ignore lint/suspicious/noConsole: a tag has no caller who could be told.
      console.error("vambe-identity: data-user is not JSON.");
    }
  });
}
