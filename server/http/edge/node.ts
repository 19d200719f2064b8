import type { IncomingMessage, RequestListener } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { type Answer, type Call, newCall } from "../call.ts";
import { basePathOf } from "../path.ts";

interface Handlers {
  identify(call: Call): Promise<Answer>;
  fetch(request: Request, connection: { address: string | undefined }): Promise<Response>;
}

/** Answers for a server of `node:http`: `POST /identify`, which is nearly all of it, right away, and the rest by `fetch`. */
export function listenerOf({ identify, fetch }: Handlers, publicUrl: string): RequestListener {
  const path = "/identify";
  const pathWithBase = basePathOf(publicUrl) + path;
  const answerOthers = getRequestListener((request, { incoming }) =>
    fetch(request, { address: incoming.socket.remoteAddress }),
  );
  return (incoming, outgoing) => {
    if (incoming.method !== "POST" || (incoming.url !== path && incoming.url !== pathWithBase))
      return void answerOthers(incoming, outgoing);
    identify(callIn(incoming, path, publicUrl + path))
      .then(({ status, headers, body }) =>
        outgoing.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) }).end(body),
      )
      // An exchange that could not be opened is about to end.
      .catch(() => outgoing.destroy());
  };
}

const callIn = (incoming: IncomingMessage, path: string, url: string): Call => ({
  ...newCall(),
  method: "POST",
  path,
  headers: { get: (name) => headerIn(incoming, name) },
  bytes: () => bytesOf(incoming),
  request: () => new Request(url, { method: "POST", headers: headersOf(incoming) }),
  address: incoming.socket.remoteAddress,
});

function headerIn({ headers }: IncomingMessage, name: string): string | null {
  const value = headers[name];
  return typeof value === "string" ? value : (value?.join(", ") ?? null);
}

const headersOf = ({ headersDistinct }: IncomingMessage) =>
  Object.entries(headersDistinct).flatMap(([name, values = []]) =>
    values.map((value): [string, string] => [name, value]),
  );

function bytesOf(incoming: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => resolve(Buffer.concat(chunks)));
    incoming.on("error", reject);
  });
}
