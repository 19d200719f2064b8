import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { type Answer, type Call, newCall } from "../call.ts";
import type { AnswerCall } from "../core.ts";
import { basePathOf, pathBelow } from "../path.ts";

/** The edge for servers of `node:http`. */
export function createNodeListener(answer: AnswerCall, publicUrl: string): RequestListener {
  const basePath = basePathOf(publicUrl);
  return (incoming, outgoing) => {
    answer(callOf(incoming, basePath, publicUrl))
      .then((answered) => write(answered, outgoing))
      // An exchange that could not be opened is about to end.
      .catch(() => outgoing.destroy());
  };
}

function callOf(incoming: IncomingMessage, basePath: string, publicUrl: string): Call {
  const { method = "GET", url = "/" } = incoming;
  const path = pathBelow(basePath, url);
  return {
    ...newCall(),
    method,
    path,
    headers: { get: (name) => headerIn(incoming, name) },
    bytes: () => bytesOf(incoming),
    request: () => new Request(publicUrl + path, { method, headers: headersOf(incoming) }),
    address: incoming.socket.remoteAddress,
  };
}

function write({ status, headers, setCookies = [], body }: Answer, outgoing: ServerResponse): void {
  if (setCookies.length > 0) outgoing.setHeader("set-cookie", setCookies);
  if (body === undefined) outgoing.writeHead(status, headers).end();
  else outgoing.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) }).end(body);
}

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
