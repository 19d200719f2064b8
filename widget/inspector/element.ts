type Children = (Node | string | false | undefined)[];

/** An element with its properties and children. Text is only ever text: nothing here can become markup. */
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
 * Returns what shows a value in `place`. It builds anew only where the value has changed, so that a selection or
 * the focus in what stays the same is not lost. `undefined` hides the place.
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
