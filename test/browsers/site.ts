import { readFileSync } from "node:fs";
import { openPort } from "../../demo/port.ts";
import { atNewAddress } from "./new-address.ts";

/** The widget's script, under a name that a site's bundler may give it. */
const SCRIPT = new URL("../../dist/widget/vambe-identity.js", import.meta.url);
const PAGES = new URL("pages/", import.meta.url);
/** A webchat that does what little is known of Vambe's: it reads its configuration once, when it loads. */
const WEBCHAT = `document.documentElement.dataset.webchat = JSON.stringify(window.embeddedWebchatConfig ?? null);`;
/** The first line of a page may say which policy it is served under. */
const POLICY = /^<!-- Content-Security-Policy: (.+) -->$/m;

export interface Site extends AsyncDisposable {
  /** On `localhost`, which is another origin than the exchange's 127.0.0.1, and another site. */
  url: string;
  /** Fills the places in double braces of all pages from now on; `visitor` is also who the site says is signed in. */
  fill(values: Record<string, string>): void;
  /** What the site's backend answers from now on where a page asks it for a proof. */
  giveProof(proof: () => string): void;
  /** The webchat's script comes no sooner than this. */
  holdWebchat(until: Promise<unknown>): void;
  /** The paths that were asked for, without the first slash, and those that something was posted to. */
  asked(): readonly string[];
  posts(): readonly string[];
  /** Whether any request came with a cookie. */
  sawCookies(): boolean;
}

/** Serves the pages and the witness that each of them has, at an origin that no other site has had. */
export const startSite = (): Promise<Site> => atNewAddress(serveSite);

async function serveSite(): Promise<Site> {
  const port = await openPort(0);
  let values: Record<string, string> = {};
  let proof = () => "";
  let webchat: Promise<unknown> = Promise.resolve();
  let cookies = false;
  const asked: string[] = [];
  const posts: string[] = [];
  port.serve((request) => {
    cookies ||= request.headers.has("cookie");
    const name = new URL(request.url).pathname.slice(1);
    asked.push(name);
    if (request.method === "POST") posts.push(name);
    if (name === "witness.js")
      return serve(readFileSync(new URL(name, import.meta.url), "utf8"), "text/javascript");
    if (name === "visitor")
      return serve(values.visitor ?? "null", "application/json", { "cache-control": "no-store" });
    if (name === "bundle.js") return serve(readFileSync(SCRIPT, "utf8"), "text/javascript");
    if (name === "webchat.js") return webchat.then(() => serve(WEBCHAT, "text/javascript"));
    if (name === "proof") return serve(proof(), "text/plain");
    if (!/^[a-z-]+\.html$/.test(name)) return new Response(null, { status: 404 });
    const html = fillIn(readFileSync(new URL(name, PAGES), "utf8"), values);
    const policy = POLICY.exec(html)?.[1];
    return serve(html, "text/html", policy ? { "content-security-policy": policy } : {});
  });
  return {
    url: port.url,
    fill: (given) => {
      values = { ...values, ...given };
    },
    giveProof: (next) => {
      proof = next;
    },
    holdWebchat: (until) => {
      webchat = until;
    },
    asked: () => asked,
    posts: () => posts,
    sawCookies: () => cookies,
    [Symbol.asyncDispose]: port.close,
  };
}

function serve(body: string, type: string, headers: Record<string, string> = {}): Response {
  return new Response(body, { headers: { "content-type": `${type}; charset=utf-8`, ...headers } });
}

function fillIn(html: string, values: Record<string, string>): string {
  return html.replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`Nobody says what {{${name}}} is.`);
    return value.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
  });
}
