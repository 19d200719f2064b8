type Children = (Node | string | false | undefined)[];

/** An element with its properties and children. Text stays text: nothing here can become markup. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  properties: Partial<HTMLElementTagNameMap[Tag]> = {},
  ...children: Children
): HTMLElementTagNameMap[Tag] {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...present(children));
  return made;
}

/**
 * Returns a function that shows a value in `place`. It builds the content anew only if the value has changed, so
 * that an unchanged place keeps its selection and focus. `undefined` hides the place.
 */
export function showIn<T>(place: HTMLElement, build: (value: T) => Children): (value: T | undefined) => void {
  let shown: string | undefined;
  place.hidden = true;
  return (value) => {
    const next = JSON.stringify(value);
    if (next === shown) return;
    shown = next;
    place.hidden = value === undefined;
    place.replaceChildren(...present(value === undefined ? [] : build(value)));
  };
}

const present = (children: Children) => children.filter((child) => child !== false && child !== undefined);
