import type { ContactTraits } from "../contact-traits.ts";
import type { DataKey } from "../data-key.ts";
import type { PostgresDatabase } from "./database.ts";

/** Rows that are sealed by one statement. */
const STEP = 500;

interface InClear {
  channel_id: string;
  user_id: string;
  version: number;
  pending_in_clear: ContactTraits;
}

/**
 * Seals what a version before has left, a step at a time: a start that is broken off goes on with the next one, and several
 * instances may do it at once.
 */
export async function sealWhatIsInClear(db: PostgresDatabase, key: DataKey): Promise<void> {
  for (let found = STEP; found === STEP; ) {
    const { rows } = await db.query<InClear>(
      `SELECT channel_id, user_id, version, pending_in_clear FROM vambe_identity.contact
       WHERE state <> 'idle' AND pending_in_clear IS NOT NULL LIMIT ${STEP}`,
    );
    found = rows.length;
    if (found > 0) await sealThese(db, key, rows);
  }
}

async function sealThese(db: PostgresDatabase, key: DataKey, rows: InClear[]): Promise<void> {
  await db.query(
    `UPDATE vambe_identity.contact AS contact
     SET sealed = row.sealed, names = ARRAY(SELECT jsonb_object_keys(pending_in_clear)), pending_in_clear = NULL,
       version = contact.version + 1
     FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bytea[]) AS row (channel_id, user_id, version, sealed)
     WHERE contact.channel_id = row.channel_id AND contact.user_id = row.user_id
       AND contact.version = row.version AND contact.pending_in_clear IS NOT NULL`,
    [
      rows.map(({ channel_id }) => channel_id),
      rows.map(({ user_id }) => user_id),
      rows.map(({ version }) => version),
      rows.map(({ channel_id, user_id, pending_in_clear }) =>
        key.seal({ channelId: channel_id, userId: user_id }, pending_in_clear),
      ),
    ],
  );
}
