import { type IncomingHttpHeaders, type IncomingMessage, request, type ServerResponse } from "node:http";
import { type Listening, startListening } from "./listening.ts";

/** What a proxy does that it should not, or should. */
export interface ProxyHabits {
  /** What it makes of the headers that it passes on. */
  headers?: (headers: IncomingHttpHeaders, from: string) => IncomingHttpHeaders;
  /** What it makes of the path that it passes on. */
  path?: (path: string) => string;
  /** Passes bodies on in chunks. */
  chunked?: boolean;
  /** Answers by itself where it returns true. */
  answers?: (incoming: IncomingMessage, outgoing: ServerResponse) => boolean;
  /** What it makes of the answer's headers. */
  answerHeaders?: (headers: IncomingHttpHeaders) => IncomingHttpHeaders;
  /** What it makes of the answer's body, which it then asks for uncompressed. */
  answerBody?: (text: string, headers: IncomingHttpHeaders) => string;
}

export interface HttpProxy extends Listening {
  /** From now on it passes on to this URL, in this way. */
  lead(to: string, habits?: ProxyHabits): void;
}

/** A proxy in front of an exchange, with habits. Without any it passes on what comes, and writes X-Forwarded-For. */
export async function startHttpProxy(): Promise<HttpProxy> {
  let target = "http://127.0.0.1:1";
  let habits: ProxyHabits = {};
  const proxy = await startListening((incoming, outgoing) => {
    if (habits.answers?.(incoming, outgoing)) return;
    const { headers = appended, path = (same) => same, answerHeaders = (same) => same, answerBody } = habits;
    const from = incoming.socket.remoteAddress ?? "";
    const passed = {
      ...headers(incoming.headers, from),
      ...(answerBody && { "accept-encoding": "identity" }),
    };
    if (habits.chunked && incoming.method === "POST") {
      delete passed["content-length"];
      passed["transfer-encoding"] = "chunked";
    }
    const further = request(target + path(incoming.url ?? "/"), {
      method: incoming.method ?? "GET",
      headers: passed,
    });
    further.on("error", () => outgoing.writeHead(502).end("Bad gateway"));
    further.on("response", (answer) => {
      const { statusCode = 502 } = answer;
      if (!answerBody) {
        answer.pipe(outgoing.writeHead(statusCode, answerHeaders(answer.headers)));
        return;
      }
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("end", () => {
        const { "content-length": _, ...rest } = answerHeaders(answer.headers);
        const text = Buffer.concat(chunks).toString("utf8");
        outgoing.writeHead(statusCode, rest).end(answerBody(text, rest));
      });
    });
    incoming.pipe(further);
  });
  return {
    ...proxy,
    lead: (to, next = {}) => {
      target = to;
      habits = next;
    },
  };
}

/** As most proxies do: who called is added to what came. */
export const appended = (headers: IncomingHttpHeaders, from: string): IncomingHttpHeaders => {
  const before = headers["x-forwarded-for"];
  return { ...headers, "x-forwarded-for": before === undefined ? from : `${before}, ${from}` };
};

/** As it came, with nothing added. */
export const untouched = (headers: IncomingHttpHeaders): IncomingHttpHeaders => headers;
