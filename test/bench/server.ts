/**
 * What the exchange is held against, each in a process of its own. Prints its port.
 *   bare      parses the JSON and checks one HMAC: as little as a handler can do that believes nobody
 *   sample    what the sample on Vambe's API page does: one call to Vambe for each request
 *   upstream  a Vambe that takes everything at once
 */
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { holds, keyOf, readBody, upsert } from "./peers/site.ts";

const [kind = "", secret = "", vambe = ""] = process.argv.slice(2);
const key = keyOf(secret);

const json = (status: number, body: unknown): Parameters<typeof answerWith>[0] => ({
  status,
  text: JSON.stringify(body),
});
const answerWith = ({ status, text }: { status: number; text: string }) => ({
  status,
  text,
  headers: { "content-type": "application/json", "content-length": Buffer.byteLength(text) },
});

const HANDLERS: Record<string, (body: string) => Promise<ReturnType<typeof json>> | ReturnType<typeof json>> =
  {
    bare: (body) => {
      const { user, proof } = JSON.parse(body);
      const verified = holds(key, proof);
      return json(verified ? 200 : 401, { status: "unchanged", user: { id: user.id, verified } });
    },
    sample: async (body) => {
      const { user } = JSON.parse(body);
      await upsert(vambe, secret, user);
      return json(200, { success: true });
    },
    upstream: () => json(201, { id: "11111111-2222-4333-8444-555555555555" }),
  };

const handle = HANDLERS[kind];
if (!handle) throw new Error(`there is no server "${kind}"`);
const listener: RequestListener = async (request, response) => {
  const { status, headers, text } = answerWith(await handle(await readBody(request)));
  response.writeHead(status, headers).end(text);
};
const server = createServer({ keepAliveTimeout: 60_000 }, listener).listen(0, "127.0.0.1", () => {
  console.log((server.address() as AddressInfo).port);
});
