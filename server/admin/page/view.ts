import { signal } from "@preact/signals-core";
import type { Action, Done } from "../actions.ts";
import type { Found } from "../find.ts";
import type { AdminState } from "../state.ts";
import type { Words } from "./words/en.ts";

/** What is to be confirmed before it is done. */
export interface Asked {
  action: Action;
  /** Whom it concerns; left out: everybody who waits. */
  userId?: string;
}

/** All that the page shows. The server draws it once; where scripts run, it lives on. */
export interface Shown {
  state: AdminState;
  lang: string;
  words: Words;
  /** Slug → what the problem means and how to mend it, in that language. */
  problems: Readonly<Record<string, { title: string; remedy: string }>>;
  /** What was searched for, and found. */
  query?: string;
  found?: Found;
  asked?: Asked;
  done?: Done;
  /** Stands in each form: another page cannot know it. */
  formToken: string;
}

/** What is shown, in parts that change by themselves. */
export function createView(shown: Shown) {
  return {
    lang: shown.lang,
    words: shown.words,
    problems: shown.problems,
    formToken: shown.formToken,
    query: shown.query ?? "",
    state: signal(shown.state),
    found: signal(shown.found),
    asked: signal(shown.asked),
    done: signal(shown.done),
    /** Since when the exchange has not answered this page. */
    lostSince: signal<number | undefined>(undefined),
  };
}

export type View = ReturnType<typeof createView>;
