import { type Agent, type IncomingMessage, request } from "node:http";
import { connect } from "node:net";

export interface RawAnswer {
  status: number;
  headers: Record<string, string | undefined>;
  /** Each `Set-Cookie` by itself. */
  cookies: string[];
  /** As it came: still compressed. */
  bytes: Buffer;
  text: string;
}

export interface RawRequest {
  method?: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
  /** Sends the body without a Content-Length, in chunks. */
  chunked?: boolean;
  /** The address of this machine that the request comes from. */
  from?: string;
  /** Has connections that are used again. */
  agent?: Agent;
}

/** One request on a connection of its own, unless there is an agent, with these headers and no others. Nothing is decompressed or followed. */
export async function rawRequest(url: string, options: RawRequest = {}): Promise<RawAnswer> {
  const { method = "GET", headers = {}, body, chunked = false, from, agent = false } = options;
  const outgoing = request(url, {
    method,
    agent,
    headers: agent ? headers : { ...headers, connection: "close" },
    ...(from && { localAddress: from }),
  });
  if (body !== undefined && chunked) outgoing.setHeader("transfer-encoding", "chunked");
  else if (body !== undefined && !("content-length" in headers)) {
    outgoing.setHeader("content-length", Buffer.byteLength(body));
  }
  // An answer may come, and the connection close, before the whole body has been sent.
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.once("response", resolve);
    outgoing.once("close", () => reject(new Error("the connection was closed without an answer")));
  });
  outgoing.on("error", () => {});
  outgoing.end(body);
  const response = await answered;
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  const named = Object.entries(response.headers).map(([name, value]) => [name, String(value)]);
  return {
    status: response.statusCode ?? 0,
    headers: Object.fromEntries(named),
    cookies: response.headers["set-cookie"] ?? [],
    bytes,
    text: bytes.toString("utf8"),
  };
}

/** Writes these bytes to a socket and returns all that comes back until the other side closes. */
export async function rawExchange(port: number, bytes: string, { halfClose = false } = {}): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  socket.on("error", () => {});
  if (halfClose) socket.end(bytes);
  else socket.write(bytes);
  await new Promise((resolve) => socket.once("close", resolve));
  return Buffer.concat(chunks).toString("utf8");
}
