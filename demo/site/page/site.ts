import type { Person } from "../people.ts";
import { element, find, showList } from "./element.ts";

/** The site as it is for whoever is signed in. */
export function drawSite(user: Person | null, people: readonly Person[], logIn: (id: string) => void): void {
  document.body.dataset.signed = user ? "in" : "out";
  find("[data-testid=first-name]").textContent = user?.name.split(" ")[0] ?? "";
  find("[data-text=company]").textContent = user ? `${user.company} · three parcels on their way` : "\u00a0";
  find("[data-testid=call]").textContent = codeOf(user);

  const card = (person: Person) => personCard(person, logIn);
  showList(find("[data-list=login]"), people, ({ id }) => id, card);
  const others = people.filter(({ id }) => id !== user?.id);
  showList(find("[data-list=switch]"), others, ({ id }) => id, card);

  for (const radio of document.querySelectorAll<HTMLInputElement>("[name=plan]")) {
    radio.checked = user !== null && radio.value === (user.plan ?? "");
  }
}

function personCard(person: Person, logIn: (id: string) => void): HTMLElement {
  return element(
    "li",
    {},
    element(
      "button",
      { type: "button", "data-testid": `login-${person.id}`, click: () => logIn(person.id) },
      avatar(person.name),
      element("span", {}, element("b", {}, person.name), element("small", {}, contactLine(person))),
    ),
  );
}

const contactLine = ({ company, phone }: Person): string => [company, phone].filter(Boolean).join(" · ");

export function avatar(name: string): HTMLElement {
  const initials = name
    .split(" ")
    .map((word) => word[0] ?? "")
    .slice(0, 2)
    .join("");
  return element("i", { class: "avatar", "aria-hidden": "true" }, initials);
}

function codeOf(user: Person | null): string {
  if (!user) return "// nobody is signed in\nVambeIdentify(null)";
  const { id, name, email, plan, phone } = user;
  const covers = phone ? ", with the phone in it" : "";
  const lines = Object.entries({ id, name, email, plan }).map(
    ([key, value]) => `  ${key}: ${JSON.stringify(value)},`,
  );
  return `VambeIdentify({\n${lines.join("\n")}\n  // A JWT that the site's backend signed${covers}.\n  proof: "eyJhbGciOiJIUzI1Ni…",\n})`;
}
