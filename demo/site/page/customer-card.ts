import type { KnownContact } from "../../vambe/contacts.ts";
import { element } from "./element.ts";
import { avatar } from "./site.ts";

const CHANNELS = { webchat: "Webchat", whatsapp: "WhatsApp", "web-whatsapp": "WhatsApp" } as const;

/** One person at Vambe, with a contact on each channel where Vambe knows that person. */
export interface Customer {
  id: string;
  contacts: [KnownContact, ...KnownContact[]];
}

/** Contacts of the same customer come together, that of the webchat first. */
export function customersOf(contacts: readonly KnownContact[]): Customer[] {
  const customers = new Map<string, Customer>();
  const isOther = ({ contact }: KnownContact) => Number(contact.platform !== "webchat");
  for (const known of contacts.toSorted((one, other) => isOther(one) - isOther(other))) {
    const id = known.contact.ai_customer_id;
    const customer = customers.get(id);
    if (customer) customer.contacts.push(known);
    else customers.set(id, { id, contacts: [known] });
  }
  return [...customers.values()];
}

/** One card for one person: whatever channel a message comes from, it is the same customer. */
export function drawCustomer(
  customer: Customer,
  identifiers: readonly string[],
  remove: (customer: Customer) => void,
): HTMLElement {
  const { contacts } = customer;
  const [{ contact, fields }] = contacts;
  const entries = Object.entries(fields);
  const names = ([key]: [string, string]) => identifiers.includes(key);
  return element(
    "li",
    { "data-testid": "customer" },
    avatar(contact.name ?? "?"),
    element(
      "span",
      { class: "person" },
      element("b", { "data-testid": "contact-name" }, contact.name ?? "No name"),
      element("small", { "data-testid": "contact-email" }, contact.email ?? "no email"),
    ),
    element("dl", { class: "identifiers" }, ...entries.filter(names).map(fieldEntry)),
    element("dl", { class: "fields" }, ...entries.filter((field) => !names(field)).map(fieldEntry)),
    element("ul", { class: "channels" }, ...contacts.map(contactRow)),
    element(
      "button",
      { class: "quiet", type: "button", "data-testid": "delete-customer", click: () => remove(customer) },
      "Delete at Vambe",
    ),
  );
}

function contactRow({ contact, external_user_id, meta_data }: KnownContact): HTMLElement {
  const { platform, phone } = contact;
  return element(
    "li",
    {
      "data-testid": "contact",
      "data-platform": platform,
      "data-external-user-id": external_user_id ?? "",
    },
    element("b", { class: "channel" }, CHANNELS[platform]),
    element(
      "dl",
      { class: "meta" },
      platform === "webchat"
        ? entry("external_user_id", external_user_id ?? "none")
        : entry("phone", phone ?? "none"),
      ...Object.entries(meta_data).map(([key, value]) =>
        entry(key, typeof value === "string" ? value : JSON.stringify(value), `meta_data.${key}`),
      ),
    ),
  );
}

const fieldEntry = ([key, value]: [string, string]): HTMLElement =>
  element(
    "div",
    {},
    element("dt", {}, key),
    element("dd", { "data-testid": `contact-${key}`, class: value === "" ? "blank" : "" }, value || "empty"),
  );

const entry = (key: string, value: string, path = key): HTMLElement =>
  element(
    "div",
    { title: path },
    element("dt", {}, key),
    element("dd", { "data-testid": `contact-${path}` }, value),
  );
