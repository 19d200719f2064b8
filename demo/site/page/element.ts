type Child = Node | string | null | false;
type Attributes = Record<string, string | boolean | ((event: Event) => void)>;

/** An element in one call. A function is a listener; text is only ever text, never HTML. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name, value);
    else if (typeof value === "string") made.setAttribute(name, value);
    else made.toggleAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null && child !== false));
  return made;
}

export function find<Kind extends HTMLElement = HTMLElement>(selector: string): Kind {
  const found = document.querySelector<Kind>(selector);
  if (!found) throw new Error(`The page has no ${selector}`);
  return found;
}

const drawnFrom = new WeakMap<Element, string>();

/**
 * Makes the list show these items. What has not changed stays the same element, so the focus stays where it is
 * and only what is new comes in with a movement.
 */
export function showList<Item>(
  list: Element,
  items: readonly Item[],
  keyOf: (item: Item) => string,
  draw: (item: Item) => HTMLElement,
): void {
  const before = new Map([...list.children].map((child) => [(child as HTMLElement).dataset.key, child]));
  items.forEach((item, position) => {
    const key = keyOf(item);
    const text = JSON.stringify(item);
    const present = before.get(key);
    before.delete(key);
    const here = list.children[position] ?? null;
    if (present && drawnFrom.get(present) === text) {
      if (present !== here) list.insertBefore(present, here);
      return;
    }
    const made = draw(item);
    made.dataset.key = key;
    made.dataset.new = String(!present);
    drawnFrom.set(made, text);
    if (present) {
      present.replaceWith(made);
      if (made !== list.children[position]) list.insertBefore(made, list.children[position] ?? null);
    } else list.insertBefore(made, here);
  });
  for (const gone of before.values()) gone.remove();
}
