import type { Site } from "./exchange.ts";
import { createIdentify } from "./identify.ts";
import { install, isInstalled } from "./install.ts";
import { now } from "./lib/now.ts";
import type { PartName, PartOptions } from "./part.ts";
import { readSettings } from "./settings.ts";
import { createStore, type State } from "./state.ts";

const { server, part, data } = readSettings();
const state = createStore<State>({ kind: "hidden" });
let retry: PartOptions<State>["retry"];

/**
 * Fetches a part once. Everything else works without it. If it could not be had, as where the exchange is down, it is
 * fetched again after 20 seconds, 40 and so on.
 */
const lazily = (name: PartName) => {
  let address = part(name);
  const get = (asked = address, pause = 20_000): Promise<void> | string => {
    address = "";
    return (
      asked &&
      import(/* @vite-ignore */ asked)
        .then((module: { mount(options: PartOptions<State>): void }) =>
          module.mount({
            data,
            subscribe: state.subscribe,
            retry: (quietly) => retry(quietly),
            now,
            start,
            declare,
          }),
        )
        .catch((error) => {
          // Browsers remember that an address failed, so the next try takes another. Until then nobody asks for it.
          setTimeout(get, pause, `${asked}?`, pause * 2);
          // biome-ignore lint/suspicious/noConsole: a tag has no caller who could be told.
          console.warn(error);
        })
    );
  };
  return get;
};

/** A page whose content is swapped brings a tag for each content: what the newest one says counts. */
function declare() {
  try {
    if (data.user) window.VambeIdentify?.(JSON.parse(data.user));
  } catch {
    // biome-ignore lint/suspicious/noConsole: a tag has no caller who could be told.
    console.error("data-user is not JSON.");
  }
}

function start() {
  const showBadge = lazily("badge");
  const tend = lazily("tend");
  const site: Site = {
    server,
    credentials: data.credentials === "include" ? "include" : "same-origin",
    chat: (data.webchat ?? data.webchatClient) != null && lazily("chat")(),
  };
  const [identify, again] = createIdentify(site, state.set);
  retry = again;
  state.subscribe(({ call }) => {
    if (call && data.badge) showBadge();
    if (call && (call.getProof || call.error || call.identity?.status === "queued")) tend();
  });
  if ("debug" in data) lazily("inspector")();
  return identify;
}

if (isInstalled()) declare();
else if ("consent" in data || (document as { prerendering?: boolean }).prerendering) {
  lazily("gate")();
} else install(start(), declare);
