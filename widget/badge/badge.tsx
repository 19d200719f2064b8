/** @jsxRuntime classic */
/** @jsx h */
// The automatic runtime would weigh 300 bytes more.
import { effect, signal } from "@preact/signals-core";
// biome-ignore lint/correctness/noUnusedImports: JSX becomes calls of it.
import { h, render } from "preact";
import { shadowHost } from "../lib/shadow-host.ts";
import type { IdentifyError } from "../types.ts";
import css from "./badge.css?inline";
import { Card } from "./card.tsx";
import { languageOf, wordsFor } from "./messages.ts";
import { type Picture, pictureOf, type Shown } from "./picture.ts";
import { place } from "./place.ts";

export interface BadgeOptions {
  /** The script tag's settings: `badge`, `lang`, `theme`, `words` and `signout` are read. */
  data: DOMStringMap;
  /** The element to stand in, instead of where `data.badge` says. */
  into?: Element | undefined;
  /** Calls the listener now and after every change. */
  subscribe(listener: (shown: Shown) => void): void;
  /** Makes the failed call again. */
  retry(): void;
}

/**
 * Puts the badge into the page: in a corner, or inside the element that `data-badge` selects. Returns how to take
 * it away again.
 */
export function mount({ data, into, subscribe, retry }: BadgeOptions): () => void {
  const { badge = "", theme = "", lang, words } = data;
  const root = document.documentElement;
  const corner = /^(top|bottom)-(left|right)$/.test(badge);
  const tag = lang || root.lang || navigator.language;

  const shadow = shadowHost("vambe-identity", css);
  const { host } = shadow;

  const card = {
    // The site's own words are in the language that it names.
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
  // In a task of its own: whatever went wrong in here, the identify would not suffer.
  subscribe((next) => queueMicrotask(() => follow(next)));

  // A corner is beside the body: there, no transform of the page's moves it and no page turn removes it.
  const inside = into ?? (corner && root);
  const leave = inside ? inside.append(host) : place(host, badge);
  return () => {
    leave?.();
    stop();
    render(null, shadow);
    host.remove();
  };
}

/** The site may end its own session now. It may also prevent that the badge logs out: then it does so itself. */
function signOut() {
  if (dispatchEvent(new CustomEvent("vambe:signout", { cancelable: true }))) window.VambeIdentify?.reset();
}

/** Tells the developer what the visitor is not told. */
function report({ message, type, requestId }: IdentifyError) {
  const details = [`vambe-identity: ${message}`, type, requestId && `(request ${requestId})`];
  // Never the error itself: what caused it may hold what is nobody's business.
  // biome-ignore lint/suspicious/noConsole: a tag has no caller who could be told.
  console.warn(details.filter(Boolean).join(" "));
}
