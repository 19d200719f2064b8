import { type Misbehaviour, reply, type SeenRequest } from "../support/upstream.ts";

/** What a contact looks like at Vambe after all upserts that it has taken. */
export interface ArrivedContact {
  name?: string;
  email?: string;
  fields: Record<string, string>;
}

/** Vambe as it should be, on a plain socket: takes every upsert, in the order in which they come, and remembers. */
export function recordArrivals() {
  const contacts = new Map<string, ArrivedContact>();
  const plans = new Map<string, string[]>();
  let upserts = 0;
  const note = ({ body }: SeenRequest) => {
    const { external_user_id: id, contact_name, contact_email, custom_field_values = [] } = JSON.parse(body);
    const contact = contacts.get(id) ?? { fields: {} };
    if (contact_name !== undefined) contact.name = contact_name;
    if (contact_email !== undefined) contact.email = contact_email;
    for (const { key, value } of custom_field_values) {
      contact.fields[key] = value;
      if (key === "plan") plans.set(id, [...(plans.get(id) ?? []), value]);
    }
    contacts.set(id, contact);
    upserts += 1;
  };
  const take: Misbehaviour = (socket, seen) => {
    note(seen);
    return reply(201, '{"id":"11111111-2222-4333-8444-555555555555"}')(socket, seen);
  };
  return {
    take,
    note,
    upserts: () => upserts,
    contact: (id: string) => contacts.get(id),
    ids: () => [...contacts.keys()].sort(),
    /** Each plan that a contact was given, in order. */
    plansOf: (id: string) => plans.get(id) ?? [],
  };
}
