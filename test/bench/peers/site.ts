import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** What a site would write itself, in the place of an exchange. Copied beside the peers' packages, so it imports nothing else. */

interface User {
  id: string;
  name: string;
  email: string;
  plan: string;
}

export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

export const keyOf = (secret: string): KeyObject => createSecretKey(Buffer.from(secret));

/** One HMAC: whether the proof is signed with the key. */
export function holds(key: KeyObject, proof: string): boolean {
  const dot = proof.lastIndexOf(".");
  const expected = createHmac("sha256", key).update(proof.slice(0, dot)).digest();
  const given = Buffer.from(proof.slice(dot + 1), "base64url");
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** The call of the sample on Vambe's API page. @throws where it is refused */
export async function upsert(vambe: string, apiKey: string, user: User): Promise<void> {
  const response = await fetch(`${vambe}/api/public/customer/upsert/info`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-api-key": apiKey },
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
  if (!response.ok) throw new Error(`${response.status}`);
}
