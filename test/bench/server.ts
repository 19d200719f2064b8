/**
 * What the exchange is held against, each in a process of its own. Prints its port.
 *   bare      parses the JSON and checks one HMAC: as little as a handler can do that believes nobody
 *   sample    what the sample on Vambe's API page does: one call to Vambe for each request
 *   upstream  a Vambe that takes everything at once
 */
import { createHmac, createSecretKey, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";

const [kind = "", secret = "", vambe = ""] = process.argv.slice(2);
const key = createSecretKey(Buffer.from(secret));

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

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
      const dot = proof.lastIndexOf(".");
      const expected = createHmac("sha256", key).update(proof.slice(0, dot)).digest();
      const given = Buffer.from(proof.slice(dot + 1), "base64url");
      const holds = given.length === expected.length && timingSafeEqual(given, expected);
      return json(holds ? 200 : 401, { status: "unchanged", user: { id: user.id, verified: holds } });
    },
    sample: async (body) => {
      const { user } = JSON.parse(body);
      const response = await fetch(`${vambe}/api/public/customer/upsert/info`, {
        method: "POST",
        headers: { "content-type": "application/json", "x-api-key": secret },
        body: JSON.stringify({
          channel: "webchat",
          channel_id: "a1b2c3d4-e5f6-4890-abcd-ef1234567890",
          external_user_id: user.id,
          contact_name: user.name,
          contact_email: user.email,
          meta_data: { source: "website" },
          custom_field_values: [{ key: "plan", value: user.plan }],
        }),
      });
      await response.json();
      return json(200, { success: true });
    },
    upstream: () => json(201, { id: "11111111-2222-4333-8444-555555555555" }),
  };

const handle = HANDLERS[kind];
if (!handle) throw new Error(`there is no server "${kind}"`);
const listener: RequestListener = async (request, response) => {
  const { status, headers, text } = answerWith(await handle(await read(request)));
  response.writeHead(status, headers).end(text);
};
const server = createServer({ keepAliveTimeout: 60_000 }, listener).listen(0, "127.0.0.1", () => {
  console.log((server.address() as AddressInfo).port);
});
