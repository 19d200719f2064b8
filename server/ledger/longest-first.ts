import type { OutboxEntry } from "./contract/outbox.ts";

/** Those that have waited the longest first, at most `limit`; where they wait since the same time, by their ids. */
export const longestFirst = (entries: readonly OutboxEntry[], limit: number): OutboxEntry[] =>
  entries
    .toSorted((a, b) => a.since - b.since || compare(a.channelId, b.channelId) || compare(a.userId, b.userId))
    .slice(0, limit);

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
