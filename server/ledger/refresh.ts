import type { Row } from "./row.ts";
import type { UserKey } from "./user-key.ts";

/** Each user's time is so much shorter or longer than asked, at the most: users who came together do not come again together. */
const SPREAD = 0.25;

/**
 * Whether a user's traits are to be sent again though nothing has changed here: at Vambe somebody may have edited or deleted
 * the contact meanwhile.
 * @param afterMs how long what Vambe has confirmed counts, on average; left out, it counts for ever
 */
export function isRefreshDue(
  { confirmedAgoMs }: Pick<Row, "confirmedAgoMs">,
  { userId }: UserKey,
  afterMs: number | undefined,
): boolean {
  if (afterMs === undefined || confirmedAgoMs === undefined) return false;
  // What a clock dates into the future was confirmed just now: a clock that is wrong makes no wave.
  if (confirmedAgoMs < afterMs * (1 - SPREAD)) return false;
  return confirmedAgoMs > afterMs * (1 - SPREAD + 2 * SPREAD * fractionOf(userId));
}

/** 0 to 1, always the same for a user and evenly spread over them (FNV-1a, 32 bits). */
function fractionOf(userId: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < userId.length; index += 1)
    hash = Math.imul(hash ^ userId.charCodeAt(index), 0x01000193);
  // Users with ids of one length differ in the last bits first.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32;
}
