import type { Steps } from "../background.ts";
import { WOKEN_UP_TO } from "../row.ts";
import type { PostgresDatabase } from "./database.ts";
import type { PostgresNotices } from "./notices.ts";
import { NOW } from "./row.ts";
import { changeInSteps, dueFrom } from "./steps.ts";

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
