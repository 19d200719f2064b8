import type { View } from "../../vambe/view.ts";
import { type Customer, customersOf, drawCustomer } from "./customer-card.ts";
import { find, showList } from "./element.ts";

/** The customers that the stand-in has, and what is wrong with it at present. */
export function drawVambe(
  { fault, contacts, identifiers }: View,
  remove: (customer: Customer) => void,
): void {
  for (const radio of document.querySelectorAll<HTMLInputElement>("[name=fault]")) {
    radio.checked = radio.value === fault;
  }
  showList(
    find("[data-list=contacts]"),
    customersOf(contacts),
    ({ id }) => id,
    (customer) => drawCustomer(customer, identifiers, remove),
  );
  find("[data-testid=no-contacts]").hidden = contacts.length > 0;
}
