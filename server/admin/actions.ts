/** What can be done from the page, as `vambe-identity outbox` can. */
export const ACTIONS = ["retry", "resend", "forget"] as const;
export type Action = (typeof ACTIONS)[number];

export const isAction = (text: unknown): text is Action => ACTIONS.some((action) => action === text);

/** What became of it: how many rows it concerned, or why it could not be done, in the command's words. */
export type Done = { action: Action } & ({ rows: number } | { failed: string });
