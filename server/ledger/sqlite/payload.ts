import type { DatabaseSync } from "node:sqlite";
import { setImmediate } from "node:timers/promises";
import type { ContactTraits } from "../contact-traits.ts";
import type { DataKey } from "../data-key.ts";
import type { UserKey } from "../user-key.ts";
import { PAYLOAD } from "./schema.ts";
import { prepared } from "./statements.ts";
import { transaction } from "./transaction.ts";

/** What is still to be delivered, sealed, in a table of its own: `schema.ts` says why. The traits' names stand beside it. */

export function writePayload(db: DatabaseSync, key: DataKey, user: UserKey, pending: ContactTraits): void {
  const { channelId, userId } = user;
  if (Object.keys(pending).length === 0) {
    prepared(db, "DELETE FROM payload WHERE channel_id = :channelId AND user_id = :userId").run({
      channelId,
      userId,
    });
  } else {
    prepared(
      db,
      `INSERT INTO payload (channel_id, user_id, names, sealed) VALUES (:channelId, :userId, :names, :sealed)
       ON CONFLICT DO UPDATE SET names = :names, sealed = :sealed`,
    ).run({
      channelId,
      userId,
      names: JSON.stringify(Object.keys(pending)),
      sealed: key.seal(user, pending),
    });
  }
}

export function eraseIfEmpty(db: DatabaseSync): void {
  if (!prepared(db, "SELECT 1 FROM payload LIMIT 1").get()) db.exec(`DROP TABLE payload; ${PAYLOAD}`);
}

/** Where a version before has left what waits in the clear. */
const IN_CLEAR = "payload_in_clear";
/** Rows that are sealed in one transaction. */
const STEP = 500;

/** Seals what a version before has left, a step at a time: a start that is broken off goes on with the next one. */
export async function sealWhatIsInClear(db: DatabaseSync, key: DataKey): Promise<void> {
  if (!db.prepare("SELECT 1 FROM sqlite_schema WHERE name = ?").get(IN_CLEAR)) return;
  for (let found = STEP; found === STEP; ) {
    found = await transaction(db, () => {
      const rows = db.prepare(`SELECT channel_id, user_id, traits FROM ${IN_CLEAR} LIMIT ${STEP}`).all();
      const done = db.prepare(`DELETE FROM ${IN_CLEAR} WHERE channel_id = :channelId AND user_id = :userId`);
      for (const { channel_id, user_id, traits } of rows) {
        const user = { channelId: String(channel_id), userId: String(user_id) };
        writePayload(db, key, user, JSON.parse(String(traits)));
        done.run(user);
      }
      return rows.length;
    });
    await setImmediate();
  }
  db.exec(`DROP TABLE ${IN_CLEAR}`);
}
/** So many rows are written anew at once, in some tens of milliseconds. */
export const REWRITTEN_UP_TO = 5000;

/** Whether more rows wait than are written anew at once. */
export const isLong = (db: DatabaseSync): boolean =>
  db.prepare(`SELECT 1 FROM payload LIMIT 1 OFFSET ${REWRITTEN_UP_TO}`).get() !== undefined;

/** Leaves nothing in the file but what is still to be delivered. To be run in a transaction. */
export function rewritePayload(db: DatabaseSync): void {
  db.exec(
    `CREATE TEMP TABLE kept AS SELECT * FROM payload; DROP TABLE payload; ${PAYLOAD};
     INSERT INTO payload SELECT * FROM kept; DROP TABLE kept`,
  );
}
