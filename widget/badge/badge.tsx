/** @jsxRuntime classic */
/** @jsx h */
// The automatic runtime would weigh 300 bytes more.
import { effect, signal } from "@preact/signals-core";
// biome-ignore lint/correctness/noUnusedImports: JSX becomes calls of it.
import { h, render } from "preact";
import { shadowHost } from "../lib/shadow-host.ts";
import type { PartOptions } from "../part.ts";
import type { IdentifyError } from "../types.ts";
import css from "./badge.css?inline";
import { Card } from "./card.tsx";
import { languageOf, wordsFor } from "./messages.ts";
import { type Picture, pictureOf, type Shown } from "./picture.ts";
import { place } from "./place.ts";
import { warn } from "./warn.ts";

export interface BadgeOptions extends Pick<PartOptions<Shown>, "data" | "subscribe" | "retry"> {
  /** The element that the badge goes into. `data.badge` then says nothing about the place. */
  into?: Element | undefined;
}

/**
 * Puts the badge into the page: in a corner, or inside the element that `data-badge` selects. Reads `badge`, `lang`,
 * `theme`, `words` and `signout` of the settings. Returns how to take it away again.
 */
export function mount({ data, into, subscribe, retry }: BadgeOptions): () => void {
  const { badge = "", theme = "", lang, words } = data;
  const root = document.documentElement;
  const corner = /^(top|bottom)-(left|right)$/.test(badge);
  const tag = lang || root.lang || navigator.language;

  const shadow = shadowHost("vambe-identity", css);
  const { host } = shadow;

  const card = {
    // If the site has its own words, they are in the language that it names.
    lang: words ? tag : languageOf(tag),
    words: wordsFor(tag, words),
    look: `${theme} ${corner ? badge.replace("-", " ") : ""}`,
    retry,
    signOut: "signout" in data && signOut,
  };
  const picture = signal<Picture>({ kind: "hidden" });
  const stop = effect(() => render(<Card {...card} picture={picture.value} />, shadow));
  let reported: IdentifyError | undefined;
  const follow = (next: Shown) => {
    picture.value = pictureOf(next, picture.value);
    const error = next.kind === "failed" ? next.call?.error : undefined;
    if (error && error !== reported) report(error);
    reported = error;
  };
  subscribe(follow);

  // A corner is beside <body>: no transform of the page moves the badge there, and what removes it there (a framework that
  // draws the whole document anew) gets it back.
  const leave = into ? into.append(host) : corner ? place(host, ":root", 5) : place(host, badge);
  return () => {
    leave?.();
    stop();
    render(null, shadow);
    host.remove();
  };
}

/** Lets the site end its own session. If the site prevents the event, it logs out itself and the badge does not. */
function signOut() {
  if (dispatchEvent(new CustomEvent("vambe:signout", { cancelable: true }))) window.VambeIdentify?.reset();
}

/** Tells the developer what went wrong. */
function report({ message, type, requestId }: IdentifyError) {
  // Never the error itself: its cause may hold private data.
  warn([message, type, requestId && `(request ${requestId})`].filter(Boolean).join(" "));
}
