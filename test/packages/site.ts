import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";

const TYPES: Record<string, string> = { ".html": "text/html", ".js": "text/javascript" };

/** What the site has to serve, and how its backend signs. */
export interface Served {
  folder: string;
  proofFor(id: string): string;
}

/** A site with a login and one visitor: `POST /login/<id>` signs in, `POST /vambe-proof` signs for whoever that is. */
export async function startSite() {
  let served: Served | undefined;
  let signedIn: string | undefined;

  const server = createServer((request, response) => {
    const path = (request.url ?? "/").replace(/\/$/, "/index.html");
    if (path.startsWith("/login/")) {
      signedIn = path.slice("/login/".length);
      return response.writeHead(204).end();
    }
    if (path === "/vambe-proof") {
      if (!signedIn || !served) return response.writeHead(401).end();
      return response.end(served.proofFor(signedIn));
    }
    try {
      const file = readFileSync(join(served?.folder ?? "", path));
      response.setHeader("content-type", `${TYPES[extname(path)]}; charset=utf-8`);
      return response.end(file);
    } catch {
      return response.writeHead(404).end();
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Serves it from now on, to a visitor who is not signed in. */
    serve(what: Served) {
      served = what;
      signedIn = undefined;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
