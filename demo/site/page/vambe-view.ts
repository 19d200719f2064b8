import type { KnownContact } from "../../vambe/contacts.ts";
import type { View } from "../../vambe/view.ts";
import { element, find, showList } from "./element.ts";
import { avatar } from "./site.ts";

/** The contacts that the stand-in has, and what is wrong with it at present. */
export function drawVambe({ fault, contacts }: View): void {
  for (const radio of document.querySelectorAll<HTMLInputElement>("[name=fault]")) {
    radio.checked = radio.value === fault;
  }
  showList(find("[data-list=contacts]"), contacts, ({ contact }) => contact.id, contactCard);
  find("[data-testid=no-contacts]").hidden = contacts.length > 0;
}

function contactCard({ contact, external_user_id, fields, meta_data }: KnownContact): HTMLElement {
  return element(
    "li",
    { "data-testid": "contact", "data-external-user-id": external_user_id ?? "" },
    avatar(contact.name ?? "?"),
    element(
      "span",
      { class: "person" },
      element("b", { "data-testid": "contact-name" }, contact.name ?? "No name"),
      element("small", { "data-testid": "contact-email" }, contact.email ?? "no email"),
    ),
    element(
      "dl",
      { class: "fields" },
      ...Object.entries(fields).map(([key, value]) =>
        entry(
          key,
          element(
            "b",
            { "data-testid": `contact-${key}`, class: value === "" ? "blank" : "" },
            value || "empty",
          ),
        ),
      ),
    ),
    element(
      "dl",
      { class: "meta" },
      entry(
        "external_user_id",
        element("span", { "data-testid": "contact-external_user_id" }, external_user_id ?? "none"),
      ),
      entry("meta_data", ...Object.entries(meta_data).map(([key, value]) => metaValue(key, value))),
    ),
  );
}

function entry(key: string, ...values: HTMLElement[]): HTMLElement {
  return element("div", {}, element("dt", {}, key), element("dd", {}, ...values));
}

function metaValue(key: string, value: unknown): HTMLElement {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return element(
    "span",
    {},
    `${key}: `,
    element("span", { "data-testid": `contact-meta_data.${key}` }, text),
  );
}
