import { effect } from "@preact/signals-core";
import { hydrate, render } from "preact";
import type { Done } from "../actions.ts";
import type { AdminState } from "../state.ts";
import { Page } from "./page.tsx";
import { createView, type Shown } from "./view.ts";

/** How often the page asks how it goes, in milliseconds. */
const EVERY_MS = 2000;

const shown: Shown = JSON.parse(document.getElementById("shown")?.textContent ?? "");
const root = document.getElementById("page");
const view = createView(shown);

async function ask<T>(path: string, init: RequestInit = {}): Promise<T> {
  const answer = await fetch(path, {
    ...init,
    headers: { accept: "application/json", ...init.headers },
    signal: AbortSignal.timeout(10_000),
  });
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
}

async function look(): Promise<void> {
  if (document.hidden) return;
  try {
    view.state.value = await ask<AdminState>("state.json");
    view.lostSince.value = undefined;
  } catch {
    view.lostSince.value ??= Date.now();
  }
}

/** Posts a form without leaving the page. */
async function act(form: HTMLFormElement, submitter: HTMLElement | null): Promise<void> {
  const body = new URLSearchParams([...new FormData(form)].map(([name, value]) => [name, String(value)]));
  const action = String(body.get("action")) as Done["action"];
  submitter?.setAttribute("disabled", "");
  try {
    view.done.value = await ask<Done>("act", { method: "POST", body });
  } catch (error) {
    view.done.value = { action, failed: error instanceof Error ? error.message : String(error) };
  }
  view.asked.value = undefined;
  await look();
}

if (root) {
  let draw = hydrate;
  effect(() => {
    draw(<Page view={view} />, root);
    draw = render;
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || form.method !== "post") return;
    event.preventDefault();
    void act(form, event.submitter);
  });
  document.addEventListener("visibilitychange", () => void look());
  const next = () =>
    setTimeout(() => {
      void look().finally(next);
    }, EVERY_MS);
  next();
}
