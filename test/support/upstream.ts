import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** One request as it came over the wire. */
export interface SeenRequest {
  head: string;
  body: string;
  /** By a clock that never jumps, in milliseconds. */
  at: number;
}

/** What to do with a request: write whatever, close whenever, or nothing at all. */
export type Misbehaviour = (socket: Socket, seen: SeenRequest) => void | Promise<void>;

export interface Upstream extends AsyncDisposable {
  url: string;
  seen: SeenRequest[];
  /** How many connections are open. */
  readonly open: number;
  /** From now on requests are met with this. */
  behave(next: Misbehaviour): void;
  close(): Promise<void>;
}

/** A server that speaks as much HTTP as a test wants it to, and as badly. */
export async function startUpstream(first: Misbehaviour): Promise<Upstream> {
  const seen: SeenRequest[] = [];
  const sockets = new Set<Socket>();
  let behaviour = first;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    let text = "";
    socket.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      for (let request = takeRequest(text); request; request = takeRequest(text)) {
        text = request.rest;
        seen.push(request);
        void behaviour(socket, request);
      }
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    for (const socket of sockets) socket.destroy();
    if (!server.listening) return;
    server.close();
    await once(server, "close");
  };
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    get open() {
      return sockets.size;
    },
    behave: (next) => {
      behaviour = next;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function takeRequest(text: string): (SeenRequest & { rest: string }) | undefined {
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const head = text.slice(0, end);
  const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
  const bytes = Buffer.from(text.slice(end + 4));
  if (bytes.byteLength < length) return undefined;
  return {
    head,
    at: performance.now(),
    body: bytes.subarray(0, length).toString("utf8"),
    rest: bytes.subarray(length).toString("utf8"),
  };
}

/** A whole answer, with a true Content-Length. */
export const reply =
  (status: number, body = "", headers: Record<string, string> = {}): Misbehaviour =>
  (socket) => {
    const lines = Object.entries({ "content-length": String(Buffer.byteLength(body)), ...headers });
    const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
    socket.write(`HTTP/1.1 ${status} Whatever\r\n${head}\r\n${body}`);
  };

/** These bytes, and then silence on an open connection. */
export const write =
  (bytes: string): Misbehaviour =>
  (socket) =>
    void socket.write(bytes);

/** Never answers. */
export const hang: Misbehaviour = () => {};

/** Breaks the connection off, after `bytes` if there are any. */
export const reset =
  (bytes = ""): Misbehaviour =>
  (socket) => {
    if (bytes) socket.write(bytes, () => socket.resetAndDestroy());
    else socket.resetAndDestroy();
  };

/** Begins an answer and then sends one byte of its body now and again, for ever. */
export const drip =
  (status = 201, everyMs = 25): Misbehaviour =>
  async (socket) => {
    socket.write(`HTTP/1.1 ${status} Whatever\r\ncontent-length: 1000000\r\n\r\n`);
    while (!socket.destroyed) {
      socket.write(" ");
      await sleep(everyMs);
    }
  };
