import type { DatabaseSync } from "node:sqlite";
import { setImmediate } from "node:timers/promises";
import type { Restored } from "../contract/restore.ts";
import { HELD } from "../row.ts";
import { transaction } from "./transaction.ts";

interface Kept {
  channelId: string;
  userId: string;
  isIdle: boolean;
  isErased: boolean;
}

/** Rows in one transaction. */
const STEP = 1000;

export async function restored(db: DatabaseSync, isErased: (userId: string) => boolean): Promise<Restored> {
  const all: Restored = { held: 0, forgotten: 0 };
  for (let after: [string, string] | undefined = ["", ""]; after; ) {
    const rows: Kept[] = db
      .prepare(
        `SELECT channel_id, user_id, state FROM contact WHERE (channel_id, user_id) > (?, ?)
         ORDER BY channel_id, user_id LIMIT ${STEP}`,
      )
      .all(...after)
      .map((row) => ({
        channelId: String(row.channel_id),
        userId: String(row.user_id),
        isIdle: row.state === "idle",
        isErased: isErased(String(row.user_id)),
      }));
    await transaction(db, () => {
      const hold = db.prepare(
        `UPDATE contact SET confirmed = '{}', lease_until = 0, next_attempt_at = 0,
           last_error = CASE state WHEN 'idle' THEN NULL ELSE '${HELD}' END,
           state = CASE state WHEN 'idle' THEN 'idle' ELSE 'rejected' END
         WHERE channel_id = ? AND user_id = ?`,
      );
      const forget = ["contact", "payload"].map((table) =>
        db.prepare(`DELETE FROM ${table} WHERE channel_id = ? AND user_id = ?`),
      );
      for (const { channelId, userId, isErased } of rows) {
        if (isErased) for (const each of forget) each.run(channelId, userId);
        else hold.run(channelId, userId);
      }
    });
    all.forgotten += rows.filter(({ isErased }) => isErased).length;
    all.held += rows.filter(({ isErased, isIdle }) => !isErased && !isIdle).length;
    const last: Kept | undefined = rows.length === STEP ? rows.at(-1) : undefined;
    after = last && [last.channelId, last.userId];
    await setImmediate();
  }
  return all;
}
