import type { DatabaseSync } from "node:sqlite";
import type { ContactTraits } from "../contact-traits.ts";
import type { UserKey } from "../user-key.ts";
import { PAYLOAD } from "./schema.ts";

/** What is still to be delivered, in a table of its own: `schema.ts` says why. */

export function writePayload(db: DatabaseSync, { channelId, userId }: UserKey, pending: ContactTraits): void {
  if (Object.keys(pending).length === 0) {
    db.prepare("DELETE FROM payload WHERE channel_id = :channelId AND user_id = :userId").run({
      channelId,
      userId,
    });
  } else {
    db.prepare(
      `INSERT INTO payload (channel_id, user_id, traits) VALUES (:channelId, :userId, :traits)
       ON CONFLICT DO UPDATE SET traits = :traits`,
    ).run({ channelId, userId, traits: JSON.stringify(pending) });
  }
}

export function eraseIfEmpty(db: DatabaseSync): void {
  if (!db.prepare("SELECT 1 FROM payload LIMIT 1").get()) db.exec(`DROP TABLE payload; ${PAYLOAD}`);
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
