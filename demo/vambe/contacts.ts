import { randomUUID } from "node:crypto";
import { cleanPhone, contactKey, type UpsertRequest } from "./upsert-request.ts";

/**
 * A definition made in Vambe's dashboard. The value of an identifier names one customer; a field of the type `options` takes
 * its options and nothing else.
 */
export interface FieldDefinition {
  key: string;
  options?: readonly string[];
  identifier?: boolean;
}

export const FIELDS: readonly FieldDefinition[] = [
  { key: "plan" },
  { key: "company_name" },
  { key: "user_id", identifier: true },
  { key: "rut", identifier: true },
];

/** The contact as the upsert answers it, in the words of the prose page. */
export interface ContactAnswer {
  id: string;
  name: string | null;
  phone: string | null;
  email: string | null;
  platform: UpsertRequest["channel"];
  client_id: string;
  ai_customer_id: string;
  created_at: string;
  default_stage_id: string | null;
  blocked: boolean;
  chat_status: "UNATTENDED";
  is_chat_read: boolean;
}

/** All that the stand-in knows of a contact. `fields` are its customer's. */
export interface KnownContact {
  contact: ContactAnswer;
  external_user_id: string | null;
  channel_id: string | null;
  agent_id: string | null;
  meta_data: Record<string, unknown>;
  fields: Record<string, string>;
}

type Customer = Map<string, string>;
type StoredContact = Omit<KnownContact, "fields">;

/** The contacts and their customers: what an upsert changes, and nothing about HTTP. */
export function createContacts(definitions: readonly FieldDefinition[], clientId: string) {
  const contacts = new Map<string, StoredContact>();
  const customers = new Map<string, Customer>();

  const create = (body: UpsertRequest): StoredContact => {
    const customerId = randomUUID();
    customers.set(customerId, new Map());
    return {
      contact: {
        id: randomUUID(),
        name: null,
        phone: null,
        email: null,
        platform: body.channel,
        client_id: clientId,
        ai_customer_id: customerId,
        created_at: new Date().toISOString(),
        default_stage_id: null,
        blocked: false,
        chat_status: "UNATTENDED",
        is_chat_read: false,
      },
      external_user_id: body.external_user_id ?? null,
      channel_id: body.channel_id ?? null,
      agent_id: null,
      meta_data: {},
    };
  };

  /** The other customer that a value of an identifier field belongs to already. */
  const ownerOf = (body: UpsertRequest, self: string): string | undefined => {
    for (const { key, value } of body.custom_field_values ?? []) {
      if (!value || !definitions.some((field) => field.key === key && field.identifier)) continue;
      for (const [id, fields] of customers) if (id !== self && fields.get(key) === value) return id;
    }
    return undefined;
  };

  const mergeInto = (kept: string, given: string): Customer => {
    const fields = new Map([...(customers.get(given) ?? []), ...(customers.get(kept) ?? [])]);
    for (const { contact } of contacts.values()) {
      if (contact.ai_customer_id === given) contact.ai_customer_id = kept;
    }
    customers.delete(given);
    customers.set(kept, fields);
    return fields;
  };

  return {
    upsert(body: UpsertRequest): ContactAnswer {
      const key = contactKey(body);
      const stored = contacts.get(key) ?? create(body);
      contacts.set(key, stored);
      const { contact } = stored;

      contact.name = body.contact_name ?? contact.name;
      contact.email = body.contact_email ?? contact.email;
      contact.phone = cleanPhone(body.contact_phone_number) || contact.phone;
      contact.default_stage_id = body.stageId ?? contact.default_stage_id;
      stored.agent_id = body.agentId ?? stored.agent_id;
      stored.meta_data = { ...stored.meta_data, ...body.meta_data };

      const owner = ownerOf(body, contact.ai_customer_id);
      const customer = owner
        ? mergeInto(owner, contact.ai_customer_id)
        : (customers.get(contact.ai_customer_id) ?? new Map());
      for (const { key, value } of body.custom_field_values ?? []) customer.set(key, value);
      return { ...contact };
    },

    /** Adds metadata to the first contact that fits. `undefined` where none does. */
    addMetadata(
      fits: (contact: StoredContact) => boolean,
      metadata: Record<string, unknown>,
    ): ContactAnswer | undefined {
      const stored = [...contacts.values()].find(fits);
      if (!stored) return undefined;
      stored.meta_data = { ...stored.meta_data, ...metadata };
      return { ...stored.contact };
    },

    /** Somebody deletes a customer, with all contacts. @returns whether there was one */
    deleteCustomer(id: string): boolean {
      for (const [key, { contact }] of contacts) if (contact.ai_customer_id === id) contacts.delete(key);
      return customers.delete(id);
    },

    byId(id: string): ContactAnswer | undefined {
      const stored = [...contacts.values()].find(({ contact }) => contact.id === id);
      return stored && { ...stored.contact };
    },

    list(): KnownContact[] {
      return [...contacts.values()].map((stored) => ({
        ...structuredClone(stored),
        fields: Object.fromEntries(customers.get(stored.contact.ai_customer_id) ?? []),
      }));
    },
  };
}
