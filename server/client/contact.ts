/** What the client takes and returns, in Vambe's own names. Source: Vambe's API page "Upsert a contact". */

/** A value of a custom field. The field has to exist at Vambe; an empty value empties it. */
export interface CustomFieldValue {
  key: string;
  value: string;
}

interface Common {
  contact_name?: string | undefined;
  contact_email?: string | undefined;
  /** UUID of a pipeline stage. */
  stageId?: string | undefined;
  /** UUID of a team member. */
  agentId?: string | undefined;
  /** Vambe's AI reads it, and copies what it finds into custom fields. Left out: `{ source: "vambe-identity" }`. */
  meta_data?: Readonly<Record<string, unknown>> | undefined;
  custom_field_values?: readonly CustomFieldValue[] | undefined;
}

/** A contact of the webchat, known by your own user's id. */
export interface WebchatContact extends Common {
  channel: "webchat";
  /** UUID of the webchat channel. */
  channel_id: string;
  external_user_id: string;
}

/** A contact of WhatsApp, known by the phone number. */
export interface PhoneContact extends Common {
  channel: "whatsapp" | "web-whatsapp";
  /** Your own number there, or the channel's id. */
  channel_phone_number: string;
  /** With the country code. Spaces, dashes and the like are taken out. */
  contact_phone_number: string;
}

export type ContactToUpsert = WebchatContact | PhoneContact;

/** A contact as Vambe answers it. Its document promises no form of an answer, so everything may be missing. */
export interface Contact {
  id?: string;
  name?: string | null;
  phone?: string | null;
  email?: string | null;
  platform?: string;
  /** Your organization. */
  client_id?: string;
  /** The customer whom all contacts of one person share, with the custom fields. */
  ai_customer_id?: string;
  created_at?: string;
  blocked?: boolean;
  chat_status?: string;
  [name: string]: unknown;
}
