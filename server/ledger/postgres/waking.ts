import type { Steps } from "../background.ts";
import { WOKEN_UP_TO } from "../row.ts";
import type { PostgresDatabase } from "./database.ts";
import type { PostgresNotices } from "./notices.ts";
import { NOW } from "./row.ts";
import { changeInSteps, dueFrom, ofState } from "./steps.ts";

/** What another instance has locked, it is waking or carrying itself. */
const WAKE = {
  set: `next_attempt_at = ${NOW}`,
  where: `attempts <= ${WOKEN_UP_TO} AND next_attempt_at > ${NOW}`,
  skipsLocked: true,
};

/** Makes what waits in back-off due. */
export async function* wake(db: PostgresDatabase, notices: PostgresNotices, channelId: string): Steps {
  const clock = await db.query<{ now: number }>(`SELECT ${NOW} AS now`);
  const walk = dueFrom(channelId, clock.rows[0]?.now ?? 0);
  for await (const { isMore } of changeInSteps(db, walk, WAKE)) {
    notices.tell({ kind: "due" });
    if (isMore) yield;
  }
}

/**
 * Makes due what was rejected in the last `ageMs`. Of a row that is rejected, `next_attempt_at` is when that was, by the
 * database's clock; a second more covers what that goes otherwise than the caller's. What somebody else has locked is being
 * changed already.
 */
export async function* reopen(
  db: PostgresDatabase,
  notices: PostgresNotices,
  channelId: string,
  ageMs: number,
): Steps {
  const change = {
    set: `state = 'pending', next_attempt_at = ${NOW}, version = version + 1`,
    where: `next_attempt_at >= ${NOW} - ${Math.round(ageMs) + 1000}`,
    skipsLocked: true,
  };
  for await (const { isMore } of changeInSteps(db, ofState("rejected", channelId), change)) {
    notices.tell({ kind: "due" });
    if (isMore) yield;
  }
}
