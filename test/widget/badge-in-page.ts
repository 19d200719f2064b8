import { afterEach, vi } from "vitest";
import { mount } from "../../widget/badge/badge.tsx";
import type { Person, Picture, Shown } from "../../widget/badge/picture.ts";
import { createStore } from "../../widget/state.ts";
import { shown } from "../support/shown.ts";

export const jane: Person = { id: "A", name: "Jane Doe", plan: "premium" };

const leaves: (() => void)[] = [];

/** A badge in the page, and what a visitor can read in it. */
export function badge(data: Record<string, string> = {}, into?: Element) {
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
