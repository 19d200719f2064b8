import Script from "next/script";
import { createElement, Fragment, type ReactElement } from "react";
import type { Messages } from "../badge/messages.ts";
import { type WebchatOptions, webchatData } from "./webchat.ts";

/** What the script tag can be told; each is its `data-…` of that name. */
export interface VambeIdentityScriptProps {
  /**
   * Address of the script: `/identity/vambe-identity.js` where the app has the exchange in it, or that of an exchange
   * elsewhere.
   */
  src: string;
  /** Base address of the exchange, where it is not the script's own. */
  server?: string | undefined;
  /** Shows who is signed in: in a corner of the window, or in the first element that a selector matches (default: no). */
  badge?: "bottom-left" | "bottom-right" | "top-left" | "top-right" | (string & {}) | undefined;
  /** The badge's language: `es`, `pt`, `en` (default: the page's, then the browser's). */
  lang?: string | undefined;
  /** The badge's colours (default: `auto`). */
  theme?: "auto" | "light" | "dark" | undefined;
  /** The site's own words, instead of the badge's. */
  words?: Partial<Messages> | undefined;
  /** Whether the badge has a button to sign out, which fires `vambe:signout` (default: no). */
  signOut?: boolean | undefined;
  /** `include` sends the visitor's cookies to an exchange of another origin too. */
  credentials?: "include" | undefined;
  /** Hands the identity to Vambe's webchat, and loads it where there is a `client` (default: no). */
  webchat?: boolean | string | WebchatOptions | undefined;
  /** `required`: nothing is sent or stored before `VambeIdentify.consent(true)`, and calls wait for it. */
  consent?: "required" | undefined;
  /** The inspector, for developers; a text says where it opens (default: no). */
  debug?: boolean | string | undefined;
  /** Of the page's content security policy. It is passed on to everything that the widget adds. */
  nonce?: string | undefined;
  /** Hash of a script with the version in its name, as the exchange's `/integrity.json` has it. */
  integrity?: string | undefined;
  /**
   * When Next.js loads the script. `beforeInteractive`: before the page is hydrated, so that it is in charge by the time
   * that a component uses the hook, and its settings hold. `afterInteractive`: with no hook, or one that is in charge.
   * Default: the first, where `src` is a path of the site itself. A script of another host could hold the page up.
   */
  strategy?: "beforeInteractive" | "afterInteractive" | "lazyOnload" | undefined;
}

/** What keeps the calls that come before the script, as the README has it. */
const queueLine = (more = "") =>
  `typeof VambeIdentify === "function" || (window.VambeIdentify = Object.assign((...call) => void (VambeIdentify.q ??= []).push(call), { current: null, reset: () => VambeIdentify(null)${more} }))`;
/** Where the page asks for consent: that may be given before too. */
const CONSENT = ', consent: (yes) => VambeIdentify("consent", yes)';

/**
 * The script tag, with the line that keeps calls until it has loaded, by `next/script`. Put it into the `<body>` of
 * `app/layout.tsx`. A component that uses `useVambeIdentity` says who is signed in.
 */
export function VambeIdentityScript(props: VambeIdentityScriptProps): ReactElement {
  const { src, nonce, integrity } = props;
  const isOwn = src.startsWith("/") && !src.startsWith("//");
  const { strategy = isOwn ? "beforeInteractive" : "afterInteractive" } = props;
  return createElement(
    Fragment,
    null,
    // A browser shows no script its nonce, so React would take it for another than the server's.
    createElement("script", {
      nonce,
      suppressHydrationWarning: true,
      dangerouslySetInnerHTML: { __html: queueLine(props.consent && CONSENT) },
    }),
    createElement(Script, {
      src,
      strategy,
      ...dataOf(props),
      ...(nonce && { nonce }),
      ...(integrity && { integrity, crossOrigin: "anonymous" as const }),
    }),
  );
}

function dataOf(props: VambeIdentityScriptProps): Record<string, string> {
  const { server, badge, lang, theme, words, signOut, credentials, webchat, consent, debug } = props;
  const data: DOMStringMap = {
    server,
    badge,
    lang,
    theme,
    words: words && JSON.stringify(words),
    signout: signOut ? "" : undefined,
    credentials,
    consent,
    debug: debug === true ? "" : debug || undefined,
    ...(webchat && webchatData(webchat)),
  };
  return Object.fromEntries(
    Object.entries(data).flatMap(([name, value]) =>
      value === undefined
        ? []
        : [[`data-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`, value]],
    ),
  );
}
