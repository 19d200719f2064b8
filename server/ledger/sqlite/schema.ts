import type { DatabaseSync } from "node:sqlite";
import { transactionAtOnce } from "./transaction.ts";

/**
 * What is still to be delivered stands apart from the rows that stay, so that it can be erased whole: SQLite
 * overwrites what is deleted, but copies that it made when it moved cells between pages go only with the table.
 */
export const PAYLOAD = `CREATE TABLE payload (
     channel_id TEXT NOT NULL,
     user_id TEXT NOT NULL,
     traits TEXT NOT NULL,
     PRIMARY KEY (channel_id, user_id)
   ) STRICT, WITHOUT ROWID`;

/** One entry a version; an entry that has been released never changes. `user_version` counts those applied. */
const MIGRATIONS = [
  `CREATE TABLE contact (
     channel_id TEXT NOT NULL,
     user_id TEXT NOT NULL,
     state TEXT NOT NULL CHECK (state IN ('idle', 'pending', 'withheld', 'rejected')),
     verified INTEGER NOT NULL,
     generation INTEGER NOT NULL,
     confirmed TEXT NOT NULL,
     attempts INTEGER NOT NULL,
     next_attempt_at INTEGER NOT NULL,
     lease_until INTEGER NOT NULL,
     pending_since INTEGER,
     contact_id TEXT,
     last_error TEXT,
     PRIMARY KEY (channel_id, user_id)
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX contact_waiting ON contact (next_attempt_at) WHERE state = 'pending';
   CREATE INDEX contact_left ON contact (state) WHERE state <> 'idle';
   ${PAYLOAD};
   CREATE TABLE missing_field (key TEXT PRIMARY KEY, probe_at INTEGER NOT NULL, attempts INTEGER NOT NULL) STRICT;
   CREATE TABLE secret (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
   CREATE TABLE secret_use (
     secret TEXT NOT NULL,
     kid TEXT NOT NULL,
     proofs INTEGER NOT NULL,
     last_at INTEGER NOT NULL,
     PRIMARY KEY (secret, kid)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE used_proof (id TEXT PRIMARY KEY, expires_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
   CREATE INDEX used_proof_expiry ON used_proof (expires_at);`,
  // The oldest row that waits, without a look at the others.
  `DROP INDEX contact_left;
   CREATE INDEX contact_left ON contact (state, pending_since) WHERE state <> 'idle';`,
  // When the newest proof is of that a user has been seen with, in milliseconds since the epoch. And the custom fields
  // that Vambe has ever taken from anybody.
  `ALTER TABLE contact ADD COLUMN proven_at INTEGER NOT NULL DEFAULT 0;
   CREATE TABLE taken_field (key TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
   INSERT INTO taken_field (key)
     SELECT DISTINCT substr(trait.key, 7) FROM contact, json_each(contact.confirmed) AS trait
     WHERE trait.key LIKE 'field:%';`,
  // An exchange takes the rows of its own channel alone, however many of others wait.
  `DROP INDEX contact_waiting;
   CREATE INDEX contact_waiting ON contact (channel_id, next_attempt_at) WHERE state = 'pending';`,
  // Written now and then, to see that it can be.
  `CREATE TABLE write_proof (id INTEGER PRIMARY KEY CHECK (id = 1), at INTEGER NOT NULL) STRICT;`,
  // Any number of rows that wait are walked through in steps, channel by channel, and those that have never failed are
  // found among any number of others.
  `DROP INDEX contact_left;
   CREATE INDEX contact_left ON contact (state, channel_id, pending_since, user_id) WHERE state <> 'idle';
   CREATE INDEX contact_untried ON contact (channel_id, next_attempt_at) WHERE state = 'pending' AND attempts = 0;`,
];

/** Brings the file to this version's schema; what is up to date is not written. @throws where a later version has written it. */
export function migrate(db: DatabaseSync): void {
  if (versionOf(db) === MIGRATIONS.length) return;
  transactionAtOnce(db, () => {
    const version = versionOf(db);
    if (version > MIGRATIONS.length) {
      throw new Error(
        "the database was written by a later version of vambe-identity: update, or name another file",
      );
    }
    for (const migration of MIGRATIONS.slice(version)) db.exec(migration);
    db.exec(`PRAGMA user_version = ${MIGRATIONS.length}`);
  });
}

const versionOf = (db: DatabaseSync) => Number(db.prepare("PRAGMA user_version").get()?.user_version);
