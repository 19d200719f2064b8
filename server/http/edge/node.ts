import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { Problem } from "../../problems.ts";
import { type Answer, type Call, newCall } from "../call.ts";
import type { AnswerCall } from "../core.ts";
import { basePathOf, pathBelow, queryOf } from "../path.ts";
import { bytesOfParsed, type ParsedBody } from "./parsed-body.ts";
import { REST } from "./rest.ts";

/** Node drops those past 2,000 without a word, and one of them might be what a proxy says. */
const MOST_HEADERS = 1000;

/**
 * The edge for servers of `node:http`.
 * @param stopping once it is aborted, each answer asks for another connection: this one is about to be closed
 */
export function createNodeListener(
  answer: AnswerCall,
  publicUrl: string,
  stopping?: AbortSignal,
): RequestListener {
  const basePath = basePathOf(publicUrl);
  return (incoming, outgoing) => {
    const call = callOf(incoming, basePath, publicUrl);
    answer(call)
      .then(async (answered) => {
        // A proxy in front may see another end of a request with a fault than we do.
        if (call.fault || stopping?.aborted) outgoing.setHeader("connection", "close");
        const closes = outgoing.hasHeader("connection") || outgoing.shouldKeepAlive === false;
        writeHead(answered, outgoing);
        const { body } = answered;
        if (!closes) return void outgoing.end(body);
        if (body === undefined) outgoing.flushHeaders();
        else outgoing.write(body);
        await restTaken(incoming);
        outgoing.end();
      })
      // It went away, or what is in front has answered already.
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
    query: () => queryOf(url),
    headers: { get: (name) => headerIn(incoming, name) },
    bytes: async (most) => (incoming.readableDidRead ? parsedBytes(incoming, most) : bytesOf(incoming, most)),
    request: () => new Request(publicUrl + path, { method, headers: headersOf(incoming) }),
    address: incoming.socket.remoteAddress,
    fault: faultOf(incoming),
  };
}

function faultOf({ rawHeaders, headers, httpVersion }: IncomingMessage): Problem | undefined {
  if (rawHeaders.length > 2 * MOST_HEADERS)
    return new Problem("headers-too-large", `There may be ${MOST_HEADERS} headers at most.`);
  const coding = headers["transfer-encoding"];
  if (coding === undefined) return undefined;
  // RFC 9112 §6.1. Nothing is unpacked here, and HTTP/1.0 has no chunks.
  return coding.toLowerCase() === "chunked" && httpVersion !== "1.0"
    ? undefined
    : new Problem("malformed-json", "The body may come in chunks, over HTTP/1.1, and in no other coding.");
}

/** All but the body. */
function writeHead({ status, headers, setCookies = [], body }: Answer, outgoing: ServerResponse): void {
  if (setCookies.length > 0) outgoing.setHeader("set-cookie", setCookies);
  if (body === undefined) outgoing.writeHead(status, headers);
  else outgoing.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) });
}

function headerIn({ headers }: IncomingMessage, name: string): string | null {
  const value = headers[name];
  return typeof value === "string" ? value : (value?.join(", ") ?? null);
}

/** Requests of HTTP/2 have one object of headers only, with what was the first line among them. */
const headersOf = ({ headersDistinct, headers }: IncomingMessage) =>
  Object.entries(headersDistinct ?? headers).flatMap(([name, values = []]) =>
    name.startsWith(":") ? [] : [values].flat().map((value): [string, string] => [name, value]),
  );

/** Somebody in front, such as a body parser, has read it. */
function parsedBytes(incoming: IncomingMessage, most: number): Buffer | undefined {
  const parsed: ParsedBody = Object(incoming);
  const bytes = bytesOfParsed(parsed, { get: (name) => headerIn(incoming, name) });
  return bytes.length > most ? undefined : bytes;
}

function bytesOf(incoming: IncomingMessage, most: number): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const gone = () => reject(new Error("the page has gone"));
    // What is announced as too large is not read; a standard Request says nothing that one could go by.
    if (Number(incoming.headers["content-length"]) > most) return resolve(undefined);
    // Whoever has gone before this is asked says so no more.
    if (incoming.destroyed) return gone();
    let chunks: Buffer[] = [];
    let size = 0;
    incoming.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size <= most) return void chunks.push(chunk);
      chunks = [];
      resolve(undefined);
    });
    incoming.on("end", () => resolve(Buffer.concat(chunks)));
    incoming.on("error", reject);
    // It comes after the end too, and an error takes long to make.
    incoming.on("close", () => incoming.readableEnded || gone());
  });
}

/** Resolves once the rest of a body has come and been thrown away, has reached the bound, or comes no more. */
async function restTaken(incoming: IncomingMessage): Promise<void> {
  if (incoming.complete || incoming.destroyed) return;
  await new Promise<void>((resolve) => {
    const impatience = setTimeout(resolve, REST.ms);
    const end = () => {
      clearTimeout(impatience);
      resolve();
    };
    let taken = 0;
    incoming.on("data", (chunk: Buffer) => {
      taken += chunk.length;
      if (taken > REST.bytes) end();
    });
    incoming.on("end", end).on("close", end);
  });
}
