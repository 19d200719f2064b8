import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { IdentifyAnswer, ProblemBody } from "../../server/protocol.ts";

/** The body of an identify, as it arrived. */
export interface Received {
  user: { id: string | number; [trait: string]: unknown };
  proof: string | null;
}

/** What to answer, or nothing, to leave the page waiting. */
export type Behaviour = (received: Received, count: number) => Answer | Promise<Answer>;
export interface Answer {
  status?: number;
  headers?: Record<string, string>;
  body?: unknown;
}

/** A 200 as the exchange gives it. `expiresIn`: seconds. */
export const identified = (
  id: string | number,
  { expiresIn = 900, ...changes }: Partial<IdentifyAnswer> & { expiresIn?: number } = {},
): Answer => ({
  body: {
    status: "delivered",
    user: { id: String(id), verified: true },
    applied: [],
    ignored: [],
    token: `token-of-${id}`,
    expires_at: Math.floor(Date.now() / 1000) + expiresIn,
    expires_in: expiresIn,
    request_id: "req-1",
    ...changes,
  } satisfies IdentifyAnswer,
});

export const problem = (slug: string, status: number, headers: Record<string, string> = {}): Answer => ({
  status,
  headers,
  body: {
    type: `https://id.example.com/problems/${slug}`,
    title: slug,
    status,
    detail: `about ${slug}`,
    request_id: "req-2",
  } satisfies ProblemBody,
});

export type StandIn = Awaited<ReturnType<typeof startStandIn>>;

/** Speaks the exchange's wire over real HTTP, serves `files` under a content `policy`, and behaves as a test tells it to. */
export async function startStandIn(files: Record<string, string> = {}, policy = "") {
  const received: Received[] = [];
  const requests: string[] = [];
  const preflights = { refused: false };
  let behaviour: Behaviour = ({ user }) => identified(user.id);

  const server = createServer(async (request, response) => {
    requests.push(`${request.method} ${request.url}`);
    if (!preflights.refused) allow(request, response);
    const file = files[request.url ?? ""];
    if (file !== undefined) {
      const type = request.url?.endsWith(".js") ? "text/javascript" : "text/html";
      response.setHeader("content-security-policy", policy);
      return response.writeHead(200, { "content-type": `${type}; charset=utf-8` }).end(file);
    }
    if (preflights.refused) return response.writeHead(403).end();
    if (request.method === "OPTIONS") return response.writeHead(204).end();
    const json = await text(request).catch(() => "");
    // A page that goes away may take the body with it.
    if (!json) return response.destroy();
    const body: Received = JSON.parse(json);
    received.push(body);
    const { status = 200, headers, body: answer } = await behaviour(body, received.length);
    response.writeHead(status, { "content-type": "application/json", ...headers });
    return response.end(typeof answer === "string" ? answer : JSON.stringify(answer));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Every identify that arrived. */
    received,
    /** Every request, as `GET /path`. */
    requests,
    behave(next: Behaviour) {
      behaviour = next;
    },
    refuseOrigin(refused = true) {
      preflights.refused = refused;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function allow({ headers }: IncomingMessage, response: ServerResponse) {
  response.setHeader("access-control-allow-origin", headers.origin ?? "*");
  response.setHeader("access-control-allow-credentials", "true");
  response.setHeader("access-control-allow-headers", "content-type");
  response.setHeader("access-control-expose-headers", "retry-after");
}

async function text(request: IncomingMessage): Promise<string> {
  let all = "";
  for await (const chunk of request) all += chunk;
  return all;
}
