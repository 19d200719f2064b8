import { shadowHost } from "../lib/shadow-host.ts";
import type { PartOptions } from "../part.ts";
import type { State } from "../state.ts";
import { createHistory } from "./history.ts";
import css from "./panel.css?inline";
import { createPanel } from "./panel.ts";
import { view } from "./view.ts";

/**
 * Puts the inspector into the corner of the page that `data-debug` names. If it names none, the inspector takes a
 * corner at the top that the badge does not have. `data-debug="open"` starts with the panel open. Reads `debug`,
 * `server`, `badge` and `theme` of the settings.
 */
export function mount({ data, subscribe, retry }: PartOptions<State>): void {
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
    // A closed panel does not have to be up to date.
    if (open) ticking = setInterval(refresh, 1000);
  }

  subscribe((next) => {
    state = next;
    try {
      refresh();
    } catch (error) {
      // An error in the inspector must not stop the identify.
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
  // The inspector stands beside <body>: no transform of the page moves it there, and no page turn removes it.
  document.documentElement.append(shadow.host);
}

/** Calls `found` for each request to this address when it is over. Requests of the past are included. */
function watchRequests(address: string, found: (request: PerformanceResourceTiming) => void): void {
  new PerformanceObserver((list) => {
    for (const entry of list.getEntriesByName(address)) found(entry as PerformanceResourceTiming);
  }).observe({ type: "resource", buffered: true });
}
