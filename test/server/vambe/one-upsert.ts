import type { Upsert } from "../../../server/vambe/contract.ts";
import { createUpsertClient } from "../../../server/vambe/upsert-client.ts";
import type { Upstream } from "../../support/upstream.ts";

/** The contact, the key and the call that the tests of the upsert share. */

export const API_KEY = "key-that-must-stay-home";
export const body: Upsert = {
  channel: "webchat",
  channel_id: "a1b2c3d4-e5f6-7890-abcd-ef1234567890",
  external_user_id: "u1",
  contact_name: "José",
  meta_data: { source: "test" },
  custom_field_values: [
    { key: "plan", value: "pro" },
    { key: "company", value: "Acme" },
    { key: "año", value: "2026" },
  ],
};

export const upsertAt = ({ url }: Pick<Upstream, "url">, deadlineMs = 20_000) =>
  createUpsertClient({ apiUrl: url, apiKey: API_KEY, deadlineMs }).upsert(body);
