import { shadowHost } from "../lib/shadow-host.ts";
import type { State } from "../state.ts";
import { createHistory } from "./history.ts";
import css from "./panel.css?inline";
import { createPanel } from "./panel.ts";
import { view } from "./view.ts";

export interface InspectorOptions {
  /** The script tag's settings: `debug`, `server`, `badge` and `theme` are read. */
  data: DOMStringMap;
  /** Calls the listener now and after every change. */
  subscribe(listener: (state: State) => void): void;
  /** Makes the failed call again. */
  retry(): void;
}

/**
 * Puts the inspector into a corner of the page: the one that `data-debug` names, or else one at the top that the
 * badge does not have. `data-debug="open"` starts with the panel open.
 */
export function mount({ data, subscribe, retry }: InspectorOptions): void {
  const { debug = "", badge, theme = "" } = data;
  const server = data.server?.replace(/\/$/, "") || import.meta.url.replace(/\/[^/]*$/, "");
  const corner =
    /(top|bottom)-(left|right)/.exec(debug)?.[0] ?? (badge === "top-right" ? "top-left" : "top-right");

  let open = debug.includes("open");
  let state: State = { kind: "hidden" };
  let ticking: ReturnType<typeof setInterval> | undefined;
  const history = createHistory();
  const panel = createPanel({ classes: `${corner.replace("-", " ")} ${theme}`, toggle, retry });

  const shadow = shadowHost("vambe-identity-inspector", css);
  shadow.append(panel.root);

  function refresh() {
    history.look(state);
    const { moments, lastError } = history;
    panel.show(view({ state, failure: lastError(), moments, server, now: Date.now() }), open);
  }

  function toggle() {
    open = !open;
    countDown();
    refresh();
  }

  function countDown() {
    clearInterval(ticking);
    // Only what can be seen has to be kept up to date.
    if (open) ticking = setInterval(refresh, 1000);
  }

  subscribe((next) => {
    state = next;
    try {
      refresh();
    } catch (error) {
      // The identify goes on, whatever its onlooker makes of it.
      // biome-ignore lint/suspicious/noConsole: a developer has asked to be told.
      console.warn(error);
    }
  });
  addEventListener("vambe:error", ({ detail }) => {
    history.noteError(detail);
    refresh();
  });
  addEventListener("vambe:reset", () => {
    history.noteLogout();
    refresh();
  });
  watchRequests(`${server}/identify`, (request) => {
    history.noteRequest(request);
    refresh();
  });
  countDown();
  // Beside <body>: there, no transform of the page's moves it and no page turn removes it.
  document.documentElement.append(shadow.host);
}

/** Calls `found` for each request to this address once it is over, and for those that are over already. */
function watchRequests(address: string, found: (request: PerformanceResourceTiming) => void): void {
  new PerformanceObserver((list) => {
    for (const entry of list.getEntriesByName(address)) found(entry as PerformanceResourceTiming);
  }).observe({ type: "resource", buffered: true });
}
