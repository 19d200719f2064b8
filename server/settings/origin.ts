import { z } from "zod/mini";
import { readAs } from "./checks.ts";

const NAME_EACH = "must name each origin: * would let any page on the web identify your users";
const FORM = "must be origins such as https://www.example.com: scheme and host, no path, comma-separated";
const PATTERN =
  "may have one * as the whole first label of a host, such as https://*.example.com, and nowhere else";
const ANYBODYS =
  "must have a domain of your own after *., such as https://*.example.com: under that one anybody can register";
const NO_ORIGIN =
  "must not be null or file:// — every sandboxed frame and local file has the same. An app's shell has an origin of its own, such as capacitor://localhost";

const EMPTY_LABEL =
  "must not have an empty name between two dots or before the first: no browser sends such an origin, and this page could identify nobody";

/** Second-level names that registries of countries sell below: `co.uk`, `com.br`. */
const SECOND_LEVEL = /^(com|co|net|org|edu|gov|gob|gub|mil|ac|or|ne|go|gr|nom|info|web)\.[a-z]{2}$/;

/** Where anybody gets a name for nothing, as a rule for previews. */
const SHARED_HOSTS = new Set(
  `amplifyapp.com appspot.com azurestaticapps.net azurewebsites.net cloudfront.net deno.dev firebaseapp.com fly.dev
  github.io gitlab.io glitch.me herokuapp.com myshopify.com netlify.app ngrok.app ngrok.io ngrok-free.app
  onrender.com pages.dev railway.app render.com repl.co replit.app replit.dev run.app stackblitz.io surge.sh
  trycloudflare.com up.railway.app vercel.app web.app webcontainer.io webflow.io wixsite.com workers.dev`.split(
    /\s+/,
  ),
);

/** What follows `*.` in a pattern; `undefined` where it is none. */
const domainOf = (origin: string) => /^https?:\/\/\*\.([^:/]+)/.exec(origin)?.[1];

/** Whether a pattern stands for pages of strangers too. */
export const isForStrangers = (origin: string) => SHARED_HOSTS.has(domainOf(origin) ?? "");

/**
 * An origin, as browsers send it; or `https://*.example.com`, for each that has one label in place of the `*`. The shell
 * of an app has a scheme of its own: `capacitor://localhost`.
 */
export const origin = readAs(
  z.string({ error: "must be an origin such as https://www.example.com" }),
  (value) => {
    const origin = asSent(value);
    const mistake = origin === undefined ? formOf(value) : mistakeIn(origin);
    return origin !== undefined && mistake === undefined ? origin : { mistake: mistake ?? FORM };
  },
);

/** An app's shell; what a browser calls `null` is none. */
const SHELL =
  /^(?!(?:https?|wss?|ftp|file|data|blob|about|javascript):)[a-z][a-z\d+.-]*:\/\/[a-z\d_-][a-z\d_.-]*(?::\d+)?$/;

function asSent(value: string): string | undefined {
  const url = URL.parse(value);
  if (url && /^https?:$/.test(url.protocol)) return `${url.origin}/` === url.href ? url.origin : undefined;
  const shell = value.toLowerCase().replace(/\/$/, "");
  return SHELL.test(shell) ? shell : undefined;
}

const formOf = (value: string) =>
  value === "*" ? NAME_EACH : /^(null$|file:)/i.test(value) ? NO_ORIGIN : FORM;

function mistakeIn(origin: string): string | undefined {
  if (/:\/\/\.|\.\./.test(origin)) return EMPTY_LABEL;
  return origin.includes("*") ? patternMistake(origin) : undefined;
}

function patternMistake(origin: string): string | undefined {
  if (/^https?:\/\/\*(:\d+)?$/.test(origin)) return NAME_EACH;
  const domain = domainOf(origin);
  if (domain === undefined || domain.includes("*")) return PATTERN;
  const isAnybodys = (!domain.includes(".") && domain !== "localhost") || SECOND_LEVEL.test(domain);
  return isAnybodys ? ANYBODYS : undefined;
}
