import type { Tab } from "./driver/tab.ts";

/** What a page puts back: a clone of its body, as Turbo and Astro do, or the body's markup, as htmx does. */
export const SWAPS = ["a cloned body", "a body's markup"] as const;

const KEPT = "kept by the page";

/** Keeps the body as it is now, before the page is left without a page load. */
export const keep = (tab: Tab): Promise<void> =>
  tab.evaluate((name) => void Reflect.set(window, Symbol.for(name), document.body.cloneNode(true)), KEPT);

/** Another page of the site takes the place of this one, without a page load. */
export const leave = (tab: Tab): Promise<void> =>
  tab.evaluate(() => {
    document.body.replaceWith(document.createElement("body"));
  });

/** Puts what was kept into the page again, and runs its scripts. */
export const restore = (tab: Tab, swap: (typeof SWAPS)[number]): Promise<void> =>
  tab.evaluate(
    (name, cloned) => {
      const body: HTMLElement = Reflect.get(window, Symbol.for(name));
      if (cloned) document.body.replaceWith(body.cloneNode(true));
      else document.body.innerHTML = body.innerHTML;
      for (const inert of document.body.querySelectorAll("script")) {
        const script = document.createElement("script");
        for (const { name, value } of inert.attributes) script.setAttribute(name, value);
        script.textContent = inert.textContent;
        inert.replaceWith(script);
      }
    },
    KEPT,
    swap === "a cloned body",
  );
