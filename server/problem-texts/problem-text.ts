import type { ProblemSlug } from "../problems.ts";

/** What a person reads of a problem. Names of settings and claims, and what stands in `ticks`, are in no language. */
export interface ProblemText {
  title: string;
  remedy: string;
}

export type ProblemTexts = Readonly<Record<ProblemSlug, ProblemText>>;
