import type { PostgresDatabase } from "./database.ts";

/** Rows in one statement. */
const STEP = 2000;

interface Last {
  channel_id: string;
  user_id: string;
  met: number;
}

/** Nothing of a user, or of anybody, counts as confirmed any more, a step at a time. @returns how many rows that concerns */
export async function forgetConfirmed(db: PostgresDatabase, userId: string | undefined): Promise<number> {
  if (userId !== undefined) {
    await db.query(`${FORGET} WHERE user_id = $1 AND confirmed <> '{}'`, [userId]);
    const { rows } = await db.query<{ n: number }>(
      "SELECT count(*) AS n FROM vambe_identity.contact WHERE user_id = $1",
      [userId],
    );
    return rows[0]?.n ?? 0;
  }
  let met = 0;
  for (let after: [string, string] | undefined = ["", ""]; after; ) {
    const { rows }: { rows: Last[] } = await db.query<Last & Record<string, unknown>>(
      `WITH met AS MATERIALIZED (
         SELECT channel_id AS its_channel, user_id AS its_user FROM vambe_identity.contact
         WHERE (channel_id, user_id) > ($1, $2) ORDER BY channel_id, user_id LIMIT ${STEP}),
       changed AS (${FORGET} FROM met WHERE channel_id = its_channel AND user_id = its_user AND confirmed <> '{}')
       SELECT its_channel AS channel_id, its_user AS user_id, (SELECT count(*) FROM met) AS met FROM met
       OFFSET greatest((SELECT count(*) FROM met) - 1, 0)`,
      after,
    );
    const last: Last | undefined = rows[0];
    met += last?.met ?? 0;
    after = last?.met === STEP ? [last.channel_id, last.user_id] : undefined;
  }
  return met;
}

const FORGET = "UPDATE vambe_identity.contact SET confirmed = '{}', version = version + 1";
