// @vitest-environment happy-dom
import { expect, test, vi } from "vitest";
import { badge, jane } from "./badge-in-page.ts";

test("a page that is translated shows who is signed in, and not who was before", async () => {
  const { show, root } = badge();
  await show({ kind: "known", person: { ...jane, verified: true } });
  // As Google Translate does it: each text is replaced by an element of its own.
  const texts = document.createTreeWalker(root() as Node, NodeFilter.SHOW_TEXT);
  const found: Text[] = [];
  while (texts.nextNode()) found.push(texts.currentNode as Text);
  for (const text of found) {
    const font = document.createElement("font");
    font.textContent = `${text.data}!`;
    text.replaceWith(font);
  }
  expect(root()?.textContent).toContain("Jane Doe!");
  await show({ kind: "queued", person: { ...jane, id: "B", name: "Bob Roe", plan: "free" } });
  expect(root()?.textContent).not.toMatch(/Jane|premium|verified/);
  expect(root()?.textContent).toContain("Bob Roe");
  await show({ kind: "hidden" });
  expect(root()?.textContent).toBe("");
});

test("a badge in a corner that a framework has thrown out with its root comes back", async () => {
  const { host, show } = badge();
  await show({ kind: "known", person: jane });
  document.documentElement.replaceChildren(document.createElement("head"), document.createElement("body"));
  await vi.waitFor(() => expect(host()?.shadowRoot?.textContent).toContain("Jane Doe"));
});

test("a page that takes a badge out of its corner again and again has its way in the end", async () => {
  const { host, show } = badge();
  await show({ kind: "known", person: jane });
  for (let time = 0; time < 20; time++) {
    host()?.remove();
    await new Promise((resume) => setTimeout(resume));
  }
  expect(host()).toBeNull();
});

test("what is no selector is said once, and the rest of the page goes on", async () => {
  const warn = vi.spyOn(console, "warn").mockReturnValue();
  const { show, leave } = badge({ badge: "##" });
  await show({ kind: "known", person: jane });
  await show({ kind: "queued", person: jane });
  expect(warn.mock.calls).toEqual([[expect.stringContaining('data-badge="##" is not a selector')]]);
  leave();
});

test("taken away, it leaves nothing in the page and does not come back", async () => {
  document.body.innerHTML = `<p id="slot"></p>`;
  const { leave, show, host } = badge({ badge: "#slot" });
  await show({ kind: "known", person: jane });
  const removed = host();
  leave();
  expect(removed?.shadowRoot?.textContent).toBe("");
  document.body.innerHTML = `<p id="slot"></p>`;
  await show({ kind: "working", person: jane });
  expect(host()).toBeNull();
});

test("an element itself may be its place, in the place of a selector", () => {
  const slot = document.createElement("p");
  document.body.append(slot);
  const { host } = badge({}, slot);
  expect(host()?.parentElement).toBe(slot);
});

test("a corner stands beside the body; a selector puts the badge inside that element", () => {
  expect(badge().host()?.parentNode).toBe(document.documentElement);
  document.querySelector("vambe-identity")?.remove();
  document.body.innerHTML = `<p id="slot"></p>`;
  const { host, root } = badge({ badge: "#slot" });
  expect(host()?.parentElement?.id).toBe("slot");
  expect(root()?.className).not.toMatch(/left|right/);
});

/** Puts the document into a state of its loading. */
const loading = (state: DocumentReadyState) => vi.spyOn(document, "readyState", "get").mockReturnValue(state);

test("an element that comes later in the document is found without a complaint", async () => {
  const warn = vi.spyOn(console, "warn").mockReturnValue();
  document.body.innerHTML = "";
  loading("loading");
  const { host } = badge({ badge: "#later" });
  expect(host()).toBeNull();
  document.body.innerHTML = `<p id="later"></p>`;
  await vi.waitFor(() => expect(host()).not.toBeNull());
  loading("interactive");
  dispatchEvent(new Event("DOMContentLoaded"));
  expect(host()?.parentElement?.id).toBe("later");
  expect(warn).not.toHaveBeenCalled();
});

test.each(["loading", "complete"] as const)(
  "a selector that matches nothing is named on the console once, also in a document that is %s",
  (state) => {
    const warn = vi.spyOn(console, "warn").mockReturnValue();
    document.body.innerHTML = "";
    loading(state);
    badge({ badge: "#nowhere" });
    loading("interactive");
    dispatchEvent(new Event("DOMContentLoaded"));
    expect(warn.mock.calls).toEqual([[expect.stringContaining("#nowhere")]]);
  },
);
