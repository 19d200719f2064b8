/** @jsxRuntime classic */
/** @jsx h */
// The automatic runtime would weigh 300 bytes more.
import { type Signal, signal } from "@preact/signals";
// biome-ignore lint/correctness/noUnusedImports: JSX becomes calls of it.
import { h, render } from "preact";
import type { BadgeState } from "../state.ts";
import css from "./badge.css?inline";
import { initials } from "./initials.ts";
import { languageOf, type Messages, messages } from "./messages.ts";

export interface BadgeOptions {
  /** The script tag's settings: `badge`, `lang` and `theme` are read. */
  data: DOMStringMap;
  /** Calls the listener now and after every change. */
  subscribe(listener: (state: BadgeState) => void): void;
  /** Makes the failed call again. */
  retry(): void;
}

/** Puts the badge into the page: in a corner, or inside the element that `data-badge` selects. */
export function mount({ data, subscribe, retry }: BadgeOptions): void {
  const { badge = "", theme = "", lang } = data;
  const root = document.documentElement;
  const corner = /^(top|bottom)-(left|right)$/.test(badge) && badge.split("-");
  const language = languageOf(lang || root.lang || navigator.language);

  const state = signal<BadgeState>({ kind: "hidden" });
  subscribe((next) => {
    state.value = next;
  });

  const host = document.createElement("vambe-identity");
  const shadow = host.attachShadow({ mode: "open" });
  // Neither a style element nor an attribute, so that no content policy stands against it.
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  shadow.adoptedStyleSheets = [sheet];

  render(
    // A live region speaks only of changes, so it stands in the page before anyone is known.
    <section
      role="status"
      aria-live="polite"
      lang={language}
      class={theme}
      style={corner && { position: "fixed", ...Object.fromEntries(corner.map(offset)) }}
    >
      <Badge state={state} words={messages[language]} retry={retry} />
    </section>,
    shadow,
  );

  const place = () => {
    // Beside <body>: there, no transform of the page's moves it and no page turn removes it.
    (corner ? root : document.querySelector(badge))?.append(host);
    if (host.isConnected) return;
    if (document.readyState === "loading") addEventListener("DOMContentLoaded", place, { once: true });
    // biome-ignore lint/suspicious/noConsole: a tag has no caller who could be told.
    else console.warn(`vambe-identity: no element matches data-badge="${badge}".`);
  };
  place();
}

/** Sixteen pixels from a side of the window, or more where the device has a notch. */
const offset = (side: string) => [side, `max(16px,env(safe-area-inset-${side}))`];

/** What the visitor sees: a face, a name, how things stand, the plan. */
function Badge({ state, words, retry }: { state: Signal<BadgeState>; words: Messages; retry(): void }) {
  const { kind, person } = state.value;
  if (kind === "hidden") return null;
  const { name, plan, verified, ignored } = person;
  const proven = kind === "known" && verified;
  // A plan that the exchange did not believe is not shown as if it were so.
  const refused = ignored?.some(({ trait, reason }) => trait === "plan" && reason !== "missing-at-vambe");
  return (
    <div class={proven ? "proven" : kind}>
      <b aria-hidden="true">{initials(name)}</b>
      <p key={kind}>
        <bdi>{name}</bdi>
        <small>{words[proven ? "verified" : kind]}</small>
      </p>
      {kind === "failed" ? (
        <button type="button" onClick={retry}>
          {words.retry}
        </button>
      ) : (
        !refused && plan && <bdi>{plan}</bdi>
      )}
    </div>
  );
}
