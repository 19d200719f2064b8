import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { startWorld } from "../support/world.ts";

/** The pages that are held against each other. They differ in the script tag and in nothing else. */
export const KINDS = ["empty script", "badge in a corner", "badge in the page's own element"] as const;
export type Kind = (typeof KINDS)[number];

const ATTRIBUTES: Record<Kind, string> = {
  "empty script": "",
  "badge in a corner": 'data-badge="bottom-left"',
  "badge in the page's own element": 'data-badge="#account"',
};

const JANE = { id: "user-jane", name: "Jane Doe", email: "jane@example.com", plan: "premium" };
const PARAGRAPH = `<p>${"The quick brown fox jumps over the lazy dog. ".repeat(12)}</p>`;

/** A site with a page of each kind, and the real exchange, which knows the visitor already. */
export async function startSite() {
  const { id, ...traits } = JANE;
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://site");
    response.setHeader("timing-allow-origin", "*");
    if (pathname === "/empty.js") {
      response.writeHead(200, { "content-type": "text/javascript" }).end("");
    } else if (pathname === "/") {
      response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
      response.end(html(searchParams.get("kind") as Kind));
    } else {
      response.writeHead(404).end();
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const origin = `http://localhost:${port}`;
  const world = await startWorld({ environment: { VAMBE_ALLOWED_ORIGINS: origin } });

  const html = (kind: Kind) => {
    // From another origin than the page, as the widget is.
    const src =
      kind === "empty script"
        ? `http://127.0.0.1:${port}/empty.js`
        : `${world.exchange.url}/vambe-identity.js`;
    const user = JSON.stringify({ ...JANE, proof: world.proofFor(id, traits) });
    return `<!doctype html><html lang="en"><title>Shop</title>
      <style>body { font: 16px sans-serif } #account { min-height: 50px }</style>
      <script>window.VambeIdentify ??= function () { (VambeIdentify.q ??= []).push(arguments) }</script>
      <script async src="${src}" ${ATTRIBUTES[kind]}></script>
      <body><header id="account"></header><main>${PARAGRAPH.repeat(30)}</main>
      <script>VambeIdentify(${user})</script></body></html>`;
  };

  return {
    exchange: world.exchange.url,
    addressOf: (kind: Kind) => `${origin}/?${new URLSearchParams({ kind })}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await world[Symbol.asyncDispose]();
    },
  };
}
