// @vitest-environment happy-dom
import { afterEach, expect, test, vi } from "vitest";
import { mount } from "../../widget/badge/badge.tsx";
import { initials } from "../../widget/badge/initials.ts";
import { languageOf, messages } from "../../widget/badge/messages.ts";
import type { Person, Picture, Shown } from "../../widget/badge/picture.ts";
import { createStore } from "../../widget/state.ts";
import type { Identity } from "../../widget/types.ts";
import { shown } from "../support/shown.ts";

const jane: Person = { id: "A", name: "Jane Doe", plan: "premium" };

const leaves: (() => void)[] = [];

/** A badge in the page, and what a visitor can read in it. */
function badge(data: Record<string, string> = {}, into?: Element) {
  const state = createStore<Shown>({ kind: "hidden" });
  const retry = vi.fn();
  const leave = mount({
    data: { badge: "bottom-left", lang: "en", ...data },
    into,
    subscribe: state.subscribe,
    retry,
  });
  leaves.push(leave);
  const host = () => document.querySelector("vambe-identity");
  const root = () => host()?.shadowRoot?.querySelector("section");
  return {
    host,
    root,
    retry,
    leave,
    /** Shows a state and returns the words on the badge. */
    async show(next: Picture | Shown) {
      state.set("call" in next ? next : shown(next));
      await new Promise((resume) => setTimeout(resume));
      return [...(root()?.querySelectorAll("b, bdi, small, button") ?? [])].map(
        ({ textContent }) => textContent,
      );
    },
  };
}

afterEach(() => {
  for (const leave of leaves.splice(0)) leave();
  for (const host of document.querySelectorAll("vambe-identity")) host.remove();
  document.documentElement.lang = "";
  vi.restoreAllMocks();
});

test.each<[string, Picture, string[]]>([
  ["working", { kind: "working", person: jane }, ["JD", "Jane Doe", "Identifying…", "premium"]],
  ["known", { kind: "known", person: jane }, ["JD", "Jane Doe", "Signed in", "premium"]],
  [
    "known and verified",
    { kind: "known", person: { ...jane, verified: true } },
    ["JD", "Jane Doe", "Identity verified", "premium"],
  ],
  [
    "queued",
    { kind: "queued", person: { ...jane, verified: true } },
    ["JD", "Jane Doe", "Saved, will be synced", "premium"],
  ],
  ["acting", { kind: "acting", person: jane }, ["JD", "Jane Doe", "You are acting for them", "premium"]],
  ["failed", { kind: "failed", person: jane }, ["JD", "Jane Doe", "We couldn’t identify you", "Try again"]],
  ["hidden", { kind: "hidden" }, []],
])("%s says so", async (_, state, words) => {
  expect(await badge().show(state)).toEqual(words);
});

test.each([
  [{}, { name: "Jane Doe", plan: "pro" }, ["JD", "Jane Doe", "Identity verified", "pro"]],
  [{ name: "", email: "jane@example.com" }, {}, ["j", "jane@example.com", "Identity verified"]],
  [{ email: "jane@example.com" }, { name: "Jane Doe" }, ["JD", "Jane Doe", "Identity verified"]],
  [{ name: "J. D." }, { name: "Jane Doe", plan: "pro" }, ["JD", "J. D.", "Identity verified", "pro"]],
])("the page says %j and the proof %j: the badge has a name to show", async (traits, proven, words) => {
  const identity = {
    id: "A",
    verified: true,
    status: "delivered",
    ignored: [],
    ...proven,
  } as unknown as Identity;
  const call = { id: "A", traits: JSON.stringify({ id: "A", ...traits }), identity };
  expect(await badge().show({ kind: "known", call })).toEqual(words);
});

test("every language says everything in its own words", async () => {
  for (const language of ["es", "pt", "en"] as const) {
    expect(Object.keys(messages[language])).toEqual(Object.keys(messages.en));
    for (const text of Object.values(messages[language])) expect(text).not.toBe("");
  }
  expect(await badge({ lang: "es" }).show({ kind: "known", person: jane })).toContain("Sesión iniciada");
  expect(messages.es.failed).not.toBe(messages.en.failed);
  expect(messages.pt.failed).not.toBe(messages.en.failed);
});

test("the language is data-lang, then the page's; a language it does not know becomes English", () => {
  document.documentElement.lang = "pt-BR";
  expect(badge({ lang: "" }).root()?.lang).toBe("pt");
  document.querySelector("vambe-identity")?.remove();
  expect(badge({ lang: "es-419" }).root()?.lang).toBe("es");
  expect([languageOf("ES"), languageOf("fr"), languageOf(""), languageOf("__proto__")]).toEqual([
    "es",
    "en",
    "en",
    "en",
  ]);
});

test("what speaks up stands in the page from the start, in an open shadow root, and is empty", () => {
  const { root, host } = badge();
  const status = root()?.querySelector("[role=status]");
  expect(status?.childNodes).toHaveLength(0);
  expect(root()?.hasAttribute("aria-label")).toBe(false);
  expect(host()?.shadowRoot?.querySelector("style")).toBeNull();
});

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

test("a log-out leaves nothing of the person in the page", async () => {
  const { show, host } = badge();
  await show({ kind: "known", person: jane });
  expect(host()?.shadowRoot?.textContent).toContain("Jane");
  await show({ kind: "hidden" });
  expect(host()?.shadowRoot?.textContent).toBe("");
});

test("the button of the failed state makes the call again", async () => {
  const { show, root, retry } = badge();
  await show({ kind: "failed", person: jane });
  root()?.querySelector("button")?.click();
  expect(retry).toHaveBeenCalledOnce();
});

test("a failure is told to the developer once, however often it is shown, and a second one again", async () => {
  const warn = vi.spyOn(console, "warn").mockReturnValue();
  const { show } = badge();
  const failed = (detail: string): Shown => ({
    kind: "failed",
    call: {
      id: "A",
      traits: "{}",
      error: Object.assign(new Error(detail), { name: "IdentifyError", code: "timeout", detail } as const),
    },
  });
  const first = failed("took too long");
  await show(first);
  await show({ ...first });
  expect(warn.mock.calls).toEqual([["vambe-identity: took too long"]]);
  await show({ kind: "working", person: jane });
  await show(failed("took too long"));
  expect(warn).toHaveBeenCalledTimes(2);
});

test("a plan that was not believed is not shown; one that Vambe has no field for, or with a contact that it rejects, is", async () => {
  const ignoring = (reason: "unproven" | "missing-at-vambe" | "rejected-by-vambe"): Picture => ({
    kind: "known",
    person: { ...jane, ignored: [{ trait: "plan", reason }] },
  });
  const { show } = badge();
  expect(await show(ignoring("unproven"))).not.toContain("premium");
  expect(await show(ignoring("missing-at-vambe"))).toContain("premium");
  expect(await show(ignoring("rejected-by-vambe"))).toContain("premium");
});

test.each<[string, Record<string, string>, string[]]>([
  ["is not there unless the site asks for it", {}, ["JD", "Jane Doe", "Signed in", "premium"]],
  [
    "is there where it does",
    { signout: "" },
    ["JD", "Jane Doe", "Signed in", "Not you? Sign out", "premium"],
  ],
])("the button to sign out %s", async (_, data, words) => {
  expect(await badge(data).show({ kind: "known", person: jane })).toEqual(words);
});

test("someone without a name has no empty line", async () => {
  const { show } = badge();
  expect(await show({ kind: "known", person: { id: "A", name: "", plan: "" } })).toEqual(["", "Signed in"]);
});

test("words of the site's own replace the badge's; what it does not know is ignored", async () => {
  const words = JSON.stringify({ known: "Connecté", unknown: "?" });
  const { show, root } = badge({ lang: "fr", words });
  expect(await show({ kind: "known", person: jane })).toContain("Connecté");
  expect(await show({ kind: "working", person: jane })).toContain("Identifying…");
  expect(root()?.lang).toBe("fr");
});

test("words that are not JSON are named once on the console, and the badge's own stand", async () => {
  const warn = vi.spyOn(console, "warn").mockReturnValue();
  const { show } = badge({ words: "{known}" });
  expect(await show({ kind: "known", person: jane })).toContain("Signed in");
  await show({ kind: "working", person: jane });
  expect(warn.mock.calls).toEqual([["vambe-identity: data-words is not JSON."]]);
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

test.each([
  ["Jane Doe", "JD"],
  ["Ana María de la Cruz", "AC"],
  ["Prince", "P"],
  ["  jane@example.com ", "j"],
  ["𝒥 李", "𝒥李"],
  ["🇲🇽 México", "🇲🇽M"],
  ["👩‍👩‍👧 Familia Díaz", "👩‍👩‍👧D"],
  ["A\u0301lvaro N\u0303u", "A\u0301N\u0303"],
  ["", ""],
])("the initials of %j are %j", (name, letters) => {
  expect(initials(name)).toBe(letters);
});
