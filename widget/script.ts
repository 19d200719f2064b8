import type { Site } from "./exchange.ts";
import { createIdentify } from "./identify.ts";
import { install, isInstalled } from "./install.ts";
import { now } from "./lib/now.ts";
import type { PartName, PartOptions } from "./part.ts";
import { readSettings } from "./settings.ts";
import { createStore, type State } from "./state.ts";

const { server, part, data } = readSettings();

/** A page whose content is swapped brings a tag for each content: what the newest one says counts. */
const declare = () => {
  try {
    if (data.user) window.VambeIdentify?.(JSON.parse(data.user));
  } catch {
    // biome-ignore lint/suspicious/noConsole: a tag has no caller who could be told.
    console.error("vambe-identity: data-user is not JSON.");
  }
};

if (isInstalled()) declare();
else {
  const state = createStore<State>({ kind: "hidden" });
  const load = (address: string) =>
    import(/* @vite-ignore */ address).then((module: { mount(options: PartOptions<State>): void }) =>
      module.mount({ data, subscribe: state.subscribe, retry: (looking) => retry(looking), now }),
    );
  /** Fetches a part once. Everything else works without it. */
  const lazily = (name: PartName) => {
    let address = part(name);
    return () => {
      const asked = address;
      address = "";
      if (asked) {
        load(asked).catch((error) => {
          // Perhaps the page is offline. Browsers remember that an address failed, so the next try takes another.
          address = `${asked}?`;
          // biome-ignore lint/suspicious/noConsole: a tag has no caller who could be told.
          console.warn(error);
        });
      }
    };
  };
  const showBadge = lazily("badge");
  const tend = lazily("tend");

  const site: Site = {
    server,
    credentials: data.credentials === "include" ? "include" : "same-origin",
    consent: "consent" in data,
    open() {
      if ((data.webchat ?? data.webchatClient) != null) {
        // biome-ignore lint/suspicious/noConsole: a tag has no caller who could be told.
        site.chat ??= load(part("chat")).catch(console.warn);
      }
    },
  };
  const [identify, retry] = createIdentify(site, (next) => {
    state.set(next);
    const { call } = next;
    if (call && !site.gate) {
      if (data.badge) showBadge();
      if (call.getProof || call.error || call.identity?.status === "queued") tend();
    }
  });
  if ("debug" in data) lazily("inspector")();
  install(identify, declare);
}
