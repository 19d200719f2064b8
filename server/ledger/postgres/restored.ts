import type { Restored } from "../contract/restore.ts";
import { HELD } from "../row.ts";
import type { PostgresDatabase } from "./database.ts";

/** Rows in one statement. */
const STEP = 2000;

interface Kept {
  channel_id: string;
  user_id: string;
  state: string;
}

export async function restored(
  db: PostgresDatabase,
  isErased: (userId: string) => boolean,
): Promise<Restored> {
  const all: Restored = { held: 0, forgotten: 0 };
  for (let after: [string, string] | undefined = ["", ""]; after; ) {
    const { rows }: { rows: Kept[] } = await db.query<Kept>(
      `SELECT channel_id, user_id, state FROM vambe_identity.contact WHERE (channel_id, user_id) > ($1, $2)
       ORDER BY channel_id, user_id LIMIT ${STEP}`,
      after,
    );
    const erased = new Set(rows.filter(({ user_id }) => isErased(user_id)));
    const kept = rows.filter((row) => !erased.has(row));
    await db.query(`DELETE FROM vambe_identity.contact WHERE ${AMONG}`, keysOf([...erased]));
    await db.query(
      `UPDATE vambe_identity.contact SET confirmed = '{}', lease_until = 0, next_attempt_at = 0, version = version + 1,
         last_error = CASE state WHEN 'idle' THEN NULL ELSE '${HELD}' END,
         state = CASE state WHEN 'idle' THEN 'idle' ELSE 'rejected' END
       WHERE ${AMONG}`,
      keysOf(kept),
    );
    all.forgotten += erased.size;
    all.held += kept.filter(({ state }) => state !== "idle").length;
    const last: Kept | undefined = rows.length === STEP ? rows.at(-1) : undefined;
    after = last && [last.channel_id, last.user_id];
  }
  return all;
}

const AMONG = "(channel_id, user_id) IN (SELECT * FROM unnest($1::text[], $2::text[]))";

const keysOf = (rows: Kept[]) => [
  rows.map(({ channel_id }) => channel_id),
  rows.map(({ user_id }) => user_id),
];
