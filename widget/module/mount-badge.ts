import type { Messages } from "../badge/messages.ts";
import { badgeFeed } from "./badge-feed.ts";
import { getState, inBrowser, onChange } from "./identity-state.ts";

interface Look {
  /** The badge's language: `es`, `pt`, `en` (default: the page's, then the browser's). */
  lang?: string | undefined;
  theme?: "auto" | "light" | "dark" | undefined;
  /** The site's own words, instead of the badge's. */
  words?: Partial<Messages> | undefined;
  /** Whether the badge has a button to sign out, which fires `vambe:signout` (default: no). */
  signOut?: boolean | undefined;
}

/** Where the badge goes: a corner of the window, an element, or the first element that a selector matches. */
export type BadgeOptions = Look &
  (
    | { placement: "bottom-left" | "bottom-right" | "top-left" | "top-right"; element?: undefined }
    | { element: Element | string; placement?: undefined }
  );

/**
 * Shows who is signed in. The badge's code is fetched when there is somebody to show. Returns how to take the
 * badge away again. On a server it does nothing.
 */
export function mountBadge(options: BadgeOptions): () => void {
  const leave: (() => void)[] = [];
  let asked = false;
  let left = false;

  const load = async () => {
    if (asked || getState().status === "anonymous") return;
    asked = true;
    try {
      const { mount } = await import("../badge/badge.tsx");
      if (left) return;
      const { subscribe, retry } = badgeFeed();
      const subscribeBadge: typeof subscribe = (badge) => {
        const stop = subscribe(badge);
        leave.push(stop);
        return stop;
      };
      const { element } = options;
      const into = element instanceof Element ? element : undefined;
      leave.push(mount({ data: dataOf(options), into, subscribe: subscribeBadge, retry }));
    } catch (fault) {
      // The badge is an ornament: everything else works without it.
      // biome-ignore lint/suspicious/noConsole: the caller has gone on long ago.
      console.warn(fault);
    }
  };

  if (inBrowser()) {
    leave.push(onChange(load));
    load();
  }
  return () => {
    left = true;
    for (const stop of leave.splice(0)) stop();
  };
}

/** The options, written as the script tag's settings. */
function dataOf({ placement, element, lang, theme, words, signOut }: BadgeOptions): DOMStringMap {
  const data: DOMStringMap = { badge: placement ?? (typeof element === "string" ? element : "") };
  if (lang) data.lang = lang;
  if (theme) data.theme = theme;
  if (words) data.words = JSON.stringify(words);
  if (signOut) data.signout = "";
  return data;
}
