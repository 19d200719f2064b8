import type { Steps } from "../background.ts";
import { WOKEN_UP_TO } from "../row.ts";
import type { PostgresDatabase } from "./database.ts";
import type { PostgresNotices } from "./notices.ts";
import { NOW } from "./row.ts";
import { changeInSteps, inBackOff } from "./steps.ts";

/** What another instance has locked, it is waking or carrying itself. */
const WAKE = {
  set: `next_attempt_at = ${NOW}`,
  where: `contact.attempts <= ${WOKEN_UP_TO}`,
  skipsLocked: true,
};

/** Makes what waits in back-off due. */
export async function* wake(db: PostgresDatabase, notices: PostgresNotices, channelId: string): Steps {
  for await (const { isMore } of changeInSteps(db, inBackOff(channelId), WAKE)) {
    notices.tell({ kind: "due" });
    if (isMore) yield;
  }
}
