import { randomUUID } from "node:crypto";
import { type StandInOptions, UPSERT_PATH } from "../../../demo/vambe/stand-in.ts";
import { startVambe } from "../../support/vambe.ts";

export const API_KEY = "the-key";

/** A stand-in behind a socket, and how to ask it for an upsert. */
export async function startStandIn(options: Partial<StandInOptions> = {}) {
  const vambe = await startVambe({ apiKey: API_KEY, ...options });
  const post = (body: string, headers: Record<string, string> = {}) =>
    fetch(vambe.url + UPSERT_PATH, {
      method: "POST",
      body,
      headers: { "content-type": "application/json", "x-api-key": API_KEY, ...headers },
    });
  return {
    ...vambe,
    post,
    upsert: async (body: unknown, headers?: Record<string, string>) => {
      const answer = await post(JSON.stringify(body), headers);
      return { status: answer.status, headers: answer.headers, body: await answer.json() };
    },
  };
}

const CHANNEL = randomUUID();

/** An upsert of a webchat contact that nothing is wrong with. */
export const webchat = (more: Record<string, unknown> = {}) => ({
  channel: "webchat",
  channel_id: CHANNEL,
  external_user_id: "user-1",
  meta_data: { source: "test" },
  ...more,
});

export const whatsapp = (more: Record<string, unknown> = {}) => ({
  channel: "whatsapp",
  channel_phone_number: "+56 9 8765 4321",
  contact_phone_number: "+56 9 1234 5678",
  meta_data: { source: "test" },
  ...more,
});
