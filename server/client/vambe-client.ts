import { isSecureUrl } from "../guarded-fetch/secure-url.ts";
import { isObject } from "../is-object.ts";
import type { Upsert } from "../vambe/contract.ts";
import { UPSERT } from "../vambe/upsert-client.ts";
import { Calls } from "./calls.ts";
import { checkedContact } from "./checked-contact.ts";
import type { Contact, ContactToUpsert } from "./contact.ts";
import { VambeError } from "./vambe-error.ts";

export interface VambeClientOptions {
  /** Vambe's API key. It goes to `apiUrl` and nowhere else. */
  apiKey: string | undefined;
  /** Base address of Vambe's API (default: `https://api.vambe.me`). */
  apiUrl?: string | undefined;
  /** Calls a second (default: 5, the pace that Vambe's own page recommends). */
  maxRate?: number | undefined;
}

export interface CallOptions {
  /** Ends the call, its pauses too; `signal.reason` is thrown then. */
  signal?: AbortSignal | undefined;
}

/** Free data on a contact. Vambe's AI reads it, and copies what it finds into custom fields. */
export type Metadata = Readonly<Record<string, unknown>>;

/**
 * Vambe's API, for a backend. Each method resolves with Vambe's answer, `{}` where that is empty, and throws a
 * {@link VambeError}. What may succeed later is tried again, five times in all, with growing pauses and as long as
 * `Retry-After` says (at most ten minutes).
 */
export interface VambeClient {
  /** Creates a contact, or updates it. To repeat it changes nothing. */
  upsertContact(contact: ContactToUpsert, options?: CallOptions): Promise<Contact>;
  /** Adds metadata to the webchat contact with this id of yours; `not-found` where there is none yet. */
  addWebchatMetadata(externalUserId: string, metadata: Metadata, options?: CallOptions): Promise<Contact>;
  /**
   * The same by Vambe's own id of a contact. Its reference can be read in two ways (the values at the top, or in `metadata`
   * as its example has them, which this sends): where you can, prefer `upsertContact`.
   */
  updateContactMetadata(contactId: string, metadata: Metadata, options?: CallOptions): Promise<Contact>;
  getContact(contactId: string, options?: CallOptions): Promise<Contact>;
  /**
   * Opens a ticket on WhatsApp Web. What its body may hold is in Vambe's reference; it is sent as it is. It is not made again
   * where Vambe may have taken it.
   * @param phoneId the channel's id of the phone number, as Vambe has it
   */
  openTicket(phoneId: string, body: Metadata, options?: CallOptions): Promise<Record<string, unknown>>;
}

/** @throws {VambeError} `invalid` where an option is wrong */
export function createVambeClient({
  apiKey,
  apiUrl = "https://api.vambe.me",
  maxRate = 5,
}: VambeClientOptions): VambeClient {
  if (typeof apiKey !== "string" || !/^[\x21-\x7e]+$/.test(apiKey))
    throw invalid("apiKey", "must be the API key as Vambe shows it: printable characters, no spaces");
  const url = URL.parse(apiUrl);
  if (!url || !isSecureUrl(url))
    throw invalid("apiUrl", "must be an https URL such as https://api.vambe.me (http only for localhost)");
  if (!(maxRate > 0)) throw invalid("maxRate", "must be a number of calls a second, such as 5");
  const calls = new Calls({ apiUrl: apiUrl.replace(/\/$/, ""), apiKey }, maxRate);

  /** @param values what stands in it is not to be read in an error */
  const post = async (
    path: string,
    body: object,
    values: unknown,
    { signal }: CallOptions,
    isRepeatable = true,
  ) =>
    objectIn(await calls.make({ method: "POST", path, body, sent: nameless(values), isRepeatable }, signal));

  return {
    async upsertContact(contact, { signal } = {}) {
      const body = checkedContact(contact);
      const call = { method: "POST", path: UPSERT, body, sent: body, isRepeatable: true } as const;
      return objectIn(await calls.make(call, signal));
    },
    async addWebchatMetadata(externalUserId, metadata, options = {}) {
      const body = { externalUserId: filled("externalUserId", externalUserId), metadata: checked(metadata) };
      return post("/api/public/webchat/contact/add-metadata", body, body, options);
    },
    async updateContactMetadata(contactId, metadata, options = {}) {
      const path = `/api/public/contact/${inPath("contactId", contactId)}/update-metadata`;
      return post(path, { metadata: checked(metadata) }, metadata, options);
    },
    async getContact(contactId, { signal } = {}) {
      const path = `/api/public/contact/${inPath("contactId", contactId)}/info`;
      return objectIn(
        await calls.make({ method: "GET", path, sent: nameless({}), isRepeatable: true }, signal),
      );
    },
    async openTicket(phoneId, body, options = {}) {
      const path = `/api/public/ticket/open/web-whatsapp/${inPath("phoneId", phoneId)}`;
      return post(path, checked(body, "body"), body, options, false);
    },
  };
}

const invalid = (field: string, detail: string) =>
  new VambeError("invalid", `${field} ${detail}.`, { errors: [{ field, detail }] });

function filled(field: string, text: string): string {
  if (typeof text === "string" && text !== "") return text;
  throw invalid(field, "is required: a string");
}

const inPath = (field: string, text: string): string => encodeURIComponent(filled(field, text));

function checked(metadata: Metadata, field = "metadata"): Metadata {
  if (isObject(metadata)) return metadata;
  throw invalid(field, "must be an object");
}

const objectIn = (json: unknown): Record<string, unknown> => (isObject(json) ? json : {});

/** Stands for a contact with these values, wherever they are in there. */
const nameless = (values: unknown): Upsert => ({
  channel: "webchat",
  channel_id: "",
  external_user_id: "",
  meta_data: {},
  custom_field_values: leavesOf(values).map((value) => ({ key: "", value })),
});

function leavesOf(value: unknown, depth = 6): string[] {
  if (typeof value === "string" || typeof value === "number") return [String(value)];
  if (typeof value !== "object" || value === null || depth === 0) return [];
  return Object.values(value).flatMap((inner) => leavesOf(inner, depth - 1));
}
