/** How often the same has come of an identify from one origin, in one hour. */
export interface IdentifyCount {
  /** When the hour began: milliseconds since the epoch. */
  hour: number;
  /** One that is allowed, or a word that stands for others (`observer.ts`). */
  origin: string;
  outcome: "identified" | "refused";
  /** The kind of proof, `none` where nothing proves the id; of a refusal the problem's slug. */
  how: string;
  count: number;
}

export type Counted = Omit<IdentifyCount, "hour">;

/** For so long after it has ended an hour's counts are kept, in milliseconds. */
export const KEPT_FOR_MS = 24 * 3600_000;
export const HOUR_MS = 3600_000;
/** Of so many origins an hour each is counted for itself, over all instances. More could be made up at will. */
export const MOST_ORIGINS = 100;

/** How many identifies were proven, and how, or refused, and why: by hours, over all instances. */
export interface IdentifyCounts {
  /**
   * Adds to the counts of the hour that it is. Beyond `MOST_ORIGINS`, a new origin is counted under `OTHER_ORIGIN`. What is older
   * than a day is deleted.
   */
  countIdentifies(counts: readonly Counted[], now: number): Promise<void>;
  /** The counts of each hour that had not ended at `since` (milliseconds since the epoch), the oldest first. */
  identifyCounts(since: number): Promise<IdentifyCount[]>;
}
