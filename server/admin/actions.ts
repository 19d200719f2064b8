/** What can be done from the page, as `vambe-identity outbox` can. */
export const ACTIONS = ["retry", "resend", "forget"] as const;
export type Action = (typeof ACTIONS)[number];

export const isAction = (text: unknown): text is Action => ACTIONS.some((action) => action === text);

/** What became of it. */
export interface Done {
  action: Action;
  /** Whom it concerned; left out: everybody who waits. */
  userId?: string;
  /** How many rows it concerned. */
  rows: number;
  /** Done, but something of it stays in the database's files. */
  isIncomplete?: true;
}
