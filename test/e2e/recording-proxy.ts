import { once } from "node:events";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** One answer as it went to the browser: the address that was asked, all headers, the body as far as it has come. */
export interface RecordedAnswer {
  url: string;
  headers: string;
  body: string;
}

export interface RecordingProxy extends AsyncDisposable {
  /** `host:port`, for the browser's settings. */
  address: string;
  /** Every answer since `forget`, in the order in which they began. */
  answers(): readonly RecordedAnswer[];
  /** Requests for that path come to nothing until `forget`, as a blocker in the browser would have it. */
  block(path: string): void;
  forget(): void;
}

/** Stands between a browser and the servers on this machine, and keeps all that comes back. */
export async function startRecordingProxy(): Promise<RecordingProxy> {
  let answers: RecordedAnswer[] = [];
  let blocked: string | undefined;
  const server = createServer((asked, answer) => {
    if (blocked && URL.parse(asked.url ?? "")?.pathname === blocked) asked.destroy();
    else forward(asked, answer, (one) => answers.push(one));
  });
  // What the browser asks of its maker goes nowhere.
  server.on("connect", (_, socket) => socket.destroy());
  // An idle connection stays open: a browser that posts while it is being closed does not try that again.
  server.keepAliveTimeout = 0;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    answers: () => answers,
    block: (path) => {
      blocked = path;
    },
    forget: () => {
      answers = [];
      blocked = undefined;
    },
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

function forward(
  asked: IncomingMessage,
  answer: ServerResponse,
  record: (one: RecordedAnswer) => void,
): void {
  const url = URL.parse(asked.url ?? "");
  if (url?.hostname !== "localhost" && url?.hostname !== "127.0.0.1") return void asked.destroy();
  // Nothing compressed: what is recorded must be there to read.
  const headers = { ...asked.headers, "accept-encoding": "identity" };
  const onward = request(url, { method: asked.method ?? "GET", headers }, (answered) => {
    const recorded = { url: url.href, headers: JSON.stringify(answered.headers), body: "" };
    record(recorded);
    answered.setEncoding("latin1").on("data", (text: string) => {
      recorded.body += text;
      answer.write(text, "latin1");
    });
    answer.writeHead(answered.statusCode ?? 502, answered.headers);
    answer.flushHeaders();
    answered.on("end", () => answer.end());
    answered.on("error", () => answer.destroy());
  });
  onward.on("error", () => answer.destroy());
  answer.on("close", () => onward.destroy());
  asked.pipe(onward);
}
