import type { DatabaseSync } from "node:sqlite";
import { setImmediate, setTimeout } from "node:timers/promises";
import type { UserKey } from "../user-key.ts";
import { prepared } from "./statements.ts";

/** Rows in one stretch: some ten milliseconds of work. Nobody is answered while SQLite is at it. */
const STRETCH = 2000;

/** From behind `from` up to `to`, in the order of keys. */
export interface Stretch {
  fromChannel: string;
  fromUser: string;
  toChannel: string;
  toUser: string;
}

export const START: UserKey = { channelId: "", userId: "" };
const END: UserKey = { channelId: "\u{10FFFF}", userId: "" };
/** Behind every user of a channel: no id has this character. */
const LAST = "\u{10FFFF}";

/** Rows of `contact` that wait, in the stretch that is given as parameters. All that wait have a payload, and no others. */
export const IN_STRETCH = `(channel_id, user_id) IN (SELECT channel_id, user_id FROM payload
  WHERE (channel_id, user_id) > (:fromChannel, :fromUser) AND (channel_id, user_id) <= (:toChannel, :toUser))`;

/**
 * All rows that wait, from behind `from` on, a stretch at a time: between two of them others have a turn. Each row is
 * met once, whatever becomes of it meanwhile.
 * @param pauseMs for a process beside the exchange: the exchange has to come to the database in between
 * @param channelId of this channel alone, `from` being one of its rows
 */
export async function* stretches(
  db: DatabaseSync,
  from = START,
  pauseMs = 0,
  channelId?: string,
): AsyncGenerator<Stretch> {
  const end = channelId === undefined ? END : { channelId, userId: LAST };
  for (let before = from; ; ) {
    const last = prepared(
      db,
      `SELECT channel_id AS channelId, user_id AS userId FROM payload
       WHERE (channel_id, user_id) > (:channelId, :userId) AND (channel_id, user_id) <= (:endChannel, :endUser)
       ORDER BY channel_id, user_id LIMIT 1 OFFSET ${STRETCH - 1}`,
    ).get({
      channelId: before.channelId,
      userId: before.userId,
      endChannel: end.channelId,
      endUser: end.userId,
    });
    const to = last ? { channelId: String(last.channelId), userId: String(last.userId) } : end;
    yield {
      fromChannel: before.channelId,
      fromUser: before.userId,
      toChannel: to.channelId,
      toUser: to.userId,
    };
    if (!last) return;
    before = to;
    await (pauseMs > 0 ? setTimeout(pauseMs) : setImmediate());
  }
}
