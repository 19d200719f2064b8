import type { Contacts } from "./contacts.ts";
import type { Outbox } from "./outbox.ts";

/** The channels whose rows are carried here, the site's webchat first; `undefined` for a command, which carries none. */
export type Channels = string | readonly [string, ...string[]] | undefined;

/** What whoever carries the rows of one channel asks for. `ofOtherChannels` is then of all but this one. */
export type Carried = Pick<
  Contacts & Outbox,
  | "take"
  | "takeNext"
  | "takeWithheld"
  | "settle"
  | "nextDueAt"
  | "wakeAll"
  | "reopen"
  | "oldestPending"
  | "ofOtherChannels"
>;

/** None where no rows are carried. */
export const channelsIn = (channels: Channels): string[] => [channels ?? []].flat();
