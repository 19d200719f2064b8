import type { DatabaseSync } from "node:sqlite";
import { OF_API_KEY } from "../unlock.ts";
import { transactionAtOnce } from "./transaction.ts";

/**
 * What is still to be delivered stands apart from the rows that stay, so that it can be erased whole: SQLite
 * overwrites what is deleted, but copies that it made when it moved cells between pages go only with the table.
 * `sealed` with the database's key; `names` are the names of the traits in it.
 */
export const PAYLOAD = `CREATE TABLE payload (
     channel_id TEXT NOT NULL,
     user_id TEXT NOT NULL,
     names TEXT NOT NULL,
     sealed BLOB NOT NULL,
     PRIMARY KEY (channel_id, user_id)
   ) STRICT, WITHOUT ROWID`;

/**
 * One entry a version; an entry that has been released never changes. `user_version` counts those applied. `now` is in
 * milliseconds since the epoch.
 */
const MIGRATIONS: readonly (string | ((now: number) => string))[] = [
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
   CREATE TABLE payload (
     channel_id TEXT NOT NULL,
     user_id TEXT NOT NULL,
     traits TEXT NOT NULL,
     PRIMARY KEY (channel_id, user_id)
   ) STRICT, WITHOUT ROWID;
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
  // What waits is sealed from now on. What waits already is sealed at the start, with a key that SQL does not know; and
  // who has been confirmed stays so.
  `ALTER TABLE payload RENAME TO payload_in_clear;
   ${PAYLOAD};
   CREATE TABLE schema_needs (version INTEGER NOT NULL) STRICT;
   INSERT INTO secret (name, value) SELECT 'data-key', '${OF_API_KEY}' WHERE EXISTS (SELECT 1 FROM contact);`,
  // Any number of rows that wait are walked through in steps, channel by channel, and those that have never failed are
  // found among any number of others.
  `DROP INDEX contact_left;
   CREATE INDEX contact_left ON contact (state, channel_id, pending_since, user_id) WHERE state <> 'idle';
   CREATE INDEX contact_untried ON contact (channel_id, next_attempt_at) WHERE state = 'pending' AND attempts = 0;`,
  // How many identifies were proven or refused, by hours.
  `CREATE TABLE identify_count (
     hour INTEGER NOT NULL,
     origin TEXT NOT NULL,
     outcome TEXT NOT NULL,
     how TEXT NOT NULL,
     count INTEGER NOT NULL,
     PRIMARY KEY (hour, origin, outcome, how)
   ) STRICT, WITHOUT ROWID;`,
  // When Vambe last took all that was known of a user. Of those who are there already it counts as now.
  (now) => `ALTER TABLE contact ADD COLUMN confirmed_at INTEGER NOT NULL DEFAULT ${now};`,
];

/**
 * The oldest schema whose version of the exchange can work with this one. A change that only adds to what there is leaves it
 * as it is, so that going back one version is possible; one that takes away or means something else sets it to its own
 * number.
 */
const NEEDS = 6;

/** The file is there and not for this version. */
export class UnfitFile extends Error {}

/** It is of an earlier version, which the exchange brings up to date when it starts. */
export class EarlierFile extends UnfitFile {}

const TOO_NEW =
  "the database was written by a later version of vambe-identity, and this one cannot work with it: update, or name another file";
const TOO_OLD =
  "the database is of an earlier version of vambe-identity, whose exchange may be running: start this version's exchange once, or use the command of that version";

/**
 * Brings the file to this version's schema; what is up to date, or of a later version that says that this one can work with
 * it, is not written.
 * @param mayMigrate only the exchange that serves does
 * @throws {UnfitFile}
 */
export function migrate(db: DatabaseSync, mayMigrate: boolean): void {
  if (isFit(db)) return;
  if (!mayMigrate) throw new EarlierFile(TOO_OLD);
  transactionAtOnce(db, () => {
    if (isFit(db)) return;
    for (const migration of MIGRATIONS.slice(versionOf(db)))
      db.exec(typeof migration === "string" ? migration : migration(Date.now()));
    db.exec(`DELETE FROM schema_needs; INSERT INTO schema_needs (version) VALUES (${NEEDS})`);
    db.exec(`PRAGMA user_version = ${MIGRATIONS.length}`);
  });
}

function isFit(db: DatabaseSync): boolean {
  const version = versionOf(db);
  if (version <= MIGRATIONS.length) return version === MIGRATIONS.length;
  if (neededBy(db) <= MIGRATIONS.length) return true;
  throw new UnfitFile(TOO_NEW);
}

function neededBy(db: DatabaseSync): number {
  if (!db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'schema_needs'").get()) return Infinity;
  return Number(db.prepare("SELECT version FROM schema_needs").get()?.version ?? Infinity);
}

const versionOf = (db: DatabaseSync) => Number(db.prepare("PRAGMA user_version").get()?.user_version);
