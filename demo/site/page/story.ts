import type { Identity } from "../../../widget/types.ts";
import type { Upsert } from "../../vambe/feed.ts";
import type { View } from "../../vambe/view.ts";
import { isOnWhatsapp, usersOf } from "./upsert-body.ts";

/** What VambeIdentify made of a call. */
export type Outcome =
  | ({ kind: "identity" } & Pick<Identity, "status" | "applied" | "ignored" | "requestId">)
  | {
      kind: "error";
      code: string;
      detail: string;
      /** Where to read how to mend it. */
      page: string | undefined;
      requestId: string | undefined;
      /** The exchange itself said no; without an answer, the call may have reached it all the same. */
      refused: boolean;
    }
  | { kind: "reset"; reloads: boolean }
  /** The chat knows somebody else, so the widget loads the page anew, before any answer. */
  | { kind: "reload"; reloads: true }
  /** The page was left before the answer came. */
  | { kind: "left" };

/** Something that was done in this tab, and what came of it in the page. */
export interface Act {
  n: number;
  at: number;
  title: string;
  /** Whom the page said it was, where it called VambeIdentify at all. */
  user: string | null;
  outcome: Outcome | null;
  tookMs: number | null;
}

/** Upserts of one contact that Vambe answered alike, one after the other. */
export interface Calls {
  /** The site's id of whose contact it is. */
  user: string | null;
  onWhatsapp: boolean;
  first: Upsert;
  last: Upsert;
  count: number;
}

/** One paragraph of the story: an act with the calls it caused, or calls that nothing in this tab caused. */
export interface Paragraph {
  act: Act | null;
  calls: Calls[];
}

const MOST_ACTS = 40;

/** The acts of this tab. They outlive a reload, for a reload is one of the things to look at. */
export function createStory(run: string, changed: () => void) {
  const place = `brujula:story:${run}`;
  const acts: Act[] = JSON.parse(sessionStorage.getItem(place) ?? "[]");
  for (const act of acts) if (act.user) act.outcome ??= { kind: "left" };
  const keep = () => {
    acts.splice(0, acts.length - MOST_ACTS);
    sessionStorage.setItem(place, JSON.stringify(acts));
    changed();
  };

  return {
    begin(title: string, user: string | null = null): Act {
      const act = { n: (acts.at(-1)?.n ?? 0) + 1, at: Date.now(), title, user, outcome: null, tookMs: null };
      acts.push(act);
      keep();
      return act;
    },

    settle(act: Act, outcome: Outcome, tookMs = Date.now() - act.at): void {
      act.outcome = outcome;
      act.tookMs = tookMs;
      keep();
    },

    /** Whether the last that this tab did is why the widget loads the page anew. */
    reloads(): boolean {
      const { outcome } = acts.at(-1) ?? {};
      return !!outcome && "reloads" in outcome && outcome.reloads;
    },

    /** Whether this answer is in the story already. */
    has: (requestId: string) =>
      acts.some(({ outcome }) => outcome && "requestId" in outcome && outcome.requestId === requestId),

    /** The newest first. */
    tell({ upserts, identifiers }: Pick<View, "upserts" | "identifiers">): Paragraph[] {
      const users = usersOf(upserts, identifiers);
      const paragraphs: Paragraph[] = acts.map((act) => ({ act, calls: [] }));
      const before: Paragraph[] = [];
      for (const upsert of upserts) {
        const user = users.get(upsert) ?? null;
        const cause = acts.findLastIndex((act) => act.user === user && couldHaveCaused(act, upsert));
        const paragraph = paragraphs[cause] ?? elsewhere(before);
        addCall(paragraph.calls, upsert, user);
      }
      return [...before, ...paragraphs].sort((a, b) => timeOf(b) - timeOf(a));
    },
  };
}

/** Whether it is certain that nothing goes to Vambe for it. */
export function callsNobody(outcome: Outcome | null): boolean {
  if (outcome?.kind === "identity") return outcome.status === "unchanged";
  return outcome?.kind === "reset" || (outcome?.kind === "error" && outcome.refused);
}

/** A later identify of the same user replaces what an earlier one left behind, so the latest is the cause. */
function couldHaveCaused({ user, at, outcome }: Act, upsert: Upsert): boolean {
  return user !== null && at <= Date.parse(upsert.at) && !callsNobody(outcome);
}

function elsewhere(before: Paragraph[]): Paragraph {
  const [known] = before;
  if (known) return known;
  const made: Paragraph = { act: null, calls: [] };
  before.push(made);
  return made;
}

function addCall(calls: Calls[], upsert: Upsert, user: string | null): void {
  const onWhatsapp = isOnWhatsapp(upsert);
  // Two contacts of one user are tried in turns, each by itself.
  const last = calls.findLast((each) => each.user === user && each.onWhatsapp === onWhatsapp);
  if (last && last.last.status === upsert.status && upsert.status !== null && upsert.status >= 400) {
    last.last = upsert;
    last.count += 1;
  } else calls.push({ user, onWhatsapp, first: upsert, last: upsert, count: 1 });
}

function timeOf({ act, calls }: Paragraph): number {
  return act?.at ?? Date.parse(calls[0]?.first.at ?? "");
}
