import type { Tab } from "./driver/tab.ts";

/** A way to leave a page and to come back to it without a page load, as scripts do that make a site's links faster. */
export interface Swap {
  /** Keeps what is in the page now. */
  keep(tab: Tab): Promise<void>;
  /** Puts what was kept into the page again, and runs its scripts. */
  restore(tab: Tab): Promise<void>;
}

const KEPT = "kept by the page";

/** A clone of the body takes the body's place, as with Turbo and Astro. */
const cloned: Swap = {
  keep: (tab) =>
    tab.evaluate((name) => void Reflect.set(window, Symbol.for(name), document.body.cloneNode(true)), KEPT),
  restore: (tab) =>
    tab.evaluate((name) => {
      const body: HTMLElement = Reflect.get(window, Symbol.for(name)).cloneNode(true);
      for (const inert of body.querySelectorAll("script")) {
        const script = document.createElement("script");
        for (const attribute of inert.attributes) script.setAttribute(attribute.name, attribute.value);
        script.textContent = inert.textContent;
        inert.replaceWith(script);
      }
      document.body.replaceWith(body);
    }, KEPT),
};

/** The body's markup is written anew, as with htmx. */
const written: Swap = {
  keep: (tab) =>
    tab.evaluate((name) => void Reflect.set(window, Symbol.for(name), document.body.innerHTML), KEPT),
  restore: (tab) =>
    tab.evaluate((name) => {
      document.body.innerHTML = Reflect.get(window, Symbol.for(name));
      for (const inert of document.body.querySelectorAll("script")) {
        const script = document.createElement("script");
        for (const attribute of inert.attributes) script.setAttribute(attribute.name, attribute.value);
        script.textContent = inert.textContent;
        inert.replaceWith(script);
      }
    }, KEPT),
};

export const SWAPS: Record<string, Swap> = {
  "a cloned body": cloned,
  "a body's markup": written,
};

/** Another page of the site takes the place of this one, without a page load. */
export const leave = (tab: Tab): Promise<void> =>
  tab.evaluate(() => {
    const body = document.createElement("body");
    body.innerHTML = "<p>Another page</p>";
    document.body.replaceWith(body);
  });
