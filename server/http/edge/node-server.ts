import { randomUUID } from "node:crypto";
import { createServer, type Server, type ServerResponse, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { Log } from "../../log.ts";
import { Problem } from "../../problems.ts";
import { sampleLog } from "../../sampled-log.ts";
import { problemAnswer } from "../problem-answer.ts";
import { transportSecurity } from "../transport-security.ts";
import { makeRoom } from "./make-room.ts";

/** Bounds against slow and swollen requests, and what suits the usual load balancers. Milliseconds; bytes. */
const LIMITS = {
  headersTimeout: 10_000,
  // Node looks for requests that are too slow only so often.
  connectionsCheckingInterval: 1000,
  requestTimeout: 15_000,
  /**
   * Longer than those in front keep an idle connection, or they would send a request just as it is closed here:
   * Cloudflare 900 s, Google 600 s, Azure 240 s, AWS and nginx 60 s.
   */
  keepAliveTimeout: 920_000,
  /** Cookies are large. */
  maxHeaderSize: 32 * 1024,
  // Probes have none, and the exchange looks at none.
  requireHostHeader: false,
};
/** How long whoever is refused may go on sending before the answer is taken from him, in milliseconds. */
const LINGER_MS = 2000;

/** A server whose bounds hold against whatever comes; its requests are for somebody else to answer. */
export function createNodeServer(log: Log, publicUrl: string): Server {
  const server = createServer(LIMITS);
  makeRoom(server);
  const sampled = sampleLog(log);
  answerMalformed(server, sampled, publicUrl);
  server.once("close", sampled.flush);
  return server;
}

/** What never becomes a request: the parser has refused it, or it took too long. */
function answerMalformed(server: Server, log: Log, publicUrl: string): void {
  const answered = new WeakSet<Duplex>();
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
    // What still comes on a connection that has had its answer is thrown away.
    if (answered.has(socket)) return;
    const status = statusOf(error.code);
    if (status === undefined || !socket.writable) return void socket.destroy();
    answered.add(socket);
    const problem = status === 431 ? "headers-too-large" : undefined;
    log.warn("refused", { status, ...(problem ? { problem } : { cause: error.code ?? "malformed" }) });
    const underWay = answerUnderWay(socket);
    if (underWay) underWay.once("close", () => end(socket));
    else end(socket, rawAnswer(status, publicUrl));
  });
}

/** Closed at once it would be reset, and a proxy would see no answer but a broken connection, and try again. */
function end(socket: Duplex, lastWords = ""): void {
  socket.end(lastWords);
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}

function statusOf(code = ""): number | undefined {
  if (code === "HPE_HEADER_OVERFLOW") return 431;
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") return 408;
  return code.startsWith("HPE_") ? 400 : undefined;
}

/** The answer to an earlier request on the same connection, in whose place or middle this one must not appear. */
function answerUnderWay(socket: Duplex): ServerResponse | undefined {
  const { _httpMessage: first }: { _httpMessage?: ServerResponse | null } = Object(socket);
  return first && (first.headersSent || first.req.complete) ? first : undefined;
}

function rawAnswer(status: number, publicUrl: string): string {
  const requestId = randomUUID();
  const problem = new Problem("headers-too-large", "The headers must be at most 32 KB.");
  const { body = "", headers } =
    status === 431 ? problemAnswer(problem, publicUrl, requestId, {}) : { headers: {} };
  const all = {
    ...transportSecurity(publicUrl),
    "cache-control": "no-store",
    vary: "Origin",
    "x-content-type-options": "nosniff",
    "x-request-id": requestId,
    ...headers,
    connection: "close",
    "content-length": Buffer.byteLength(body),
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, "", body].join("\r\n");
}
