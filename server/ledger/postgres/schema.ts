import type { ClientBase, QueryResultRow } from "pg";
import { OF_API_KEY } from "../unlock.ts";

/**
 * One entry a version; an entry that has been released never changes. Everything is in a schema of its own, so
 * that it may share a database with the site's own tables.
 *
 * `now_ms()` is the only clock: the clocks of instances differ, and a lease has to mean the same to all.
 * What is `UNLOGGED` may be lost in a crash of the server and costs no write to the disk for that.
 */
const MIGRATIONS = [
  `CREATE FUNCTION vambe_identity.now_ms() RETURNS bigint LANGUAGE sql STABLE
     AS 'SELECT floor(extract(epoch FROM statement_timestamp()) * 1000)::bigint';
   CREATE TABLE vambe_identity.contact (
     channel_id text NOT NULL,
     user_id text NOT NULL,
     state text NOT NULL CHECK (state IN ('idle', 'pending', 'withheld', 'rejected')),
     verified boolean NOT NULL,
     generation bigint NOT NULL,
     version bigint NOT NULL DEFAULT 1,
     pending jsonb NOT NULL,
     confirmed jsonb NOT NULL,
     attempts integer NOT NULL,
     next_attempt_at bigint NOT NULL,
     lease_until bigint NOT NULL DEFAULT 0,
     pending_since bigint,
     contact_id text,
     last_error text,
     PRIMARY KEY (channel_id, user_id)
   ) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);
   CREATE INDEX contact_waiting ON vambe_identity.contact (next_attempt_at) WHERE state = 'pending';
   CREATE INDEX contact_leased ON vambe_identity.contact (lease_until) WHERE lease_until > 0;
   CREATE INDEX contact_left ON vambe_identity.contact (state, pending_since) WHERE state <> 'idle';
   CREATE INDEX contact_user ON vambe_identity.contact (user_id);
   CREATE TABLE vambe_identity.missing_field (
     key text PRIMARY KEY,
     probe_at bigint NOT NULL,
     attempts integer NOT NULL
   );
   CREATE TABLE vambe_identity.secret (name text PRIMARY KEY, value bytea NOT NULL);
   CREATE TABLE vambe_identity.secret_use (
     secret text NOT NULL,
     kid text NOT NULL,
     proofs bigint NOT NULL,
     last_at bigint NOT NULL,
     PRIMARY KEY (secret, kid)
   );
   CREATE TABLE vambe_identity.used_proof (id text PRIMARY KEY, expires_at bigint NOT NULL);
   CREATE INDEX used_proof_expiry ON vambe_identity.used_proof (expires_at);
   CREATE UNLOGGED TABLE vambe_identity.pace (name text PRIMARY KEY, next_at double precision NOT NULL);
   CREATE UNLOGGED TABLE vambe_identity.request_count (
     key varchar(255) PRIMARY KEY,
     points integer NOT NULL DEFAULT 0,
     expire bigint
   ) WITH (fillfactor = 50);`,
  // When the newest proof is of that a user has been seen with, in milliseconds since the epoch. And the custom fields
  // that Vambe has ever taken from anybody. And a clock that takes nobody else's operator, which one for numeric and integer
  // in a schema where others may create would have been.
  `ALTER TABLE vambe_identity.contact ADD COLUMN proven_at bigint NOT NULL DEFAULT 0;
   CREATE TABLE vambe_identity.taken_field (key text PRIMARY KEY);
   INSERT INTO vambe_identity.taken_field (key)
     SELECT DISTINCT substr(trait, 7) FROM vambe_identity.contact, jsonb_object_keys(confirmed) AS trait
     WHERE trait LIKE 'field:%';
   CREATE OR REPLACE FUNCTION vambe_identity.now_ms() RETURNS bigint LANGUAGE sql STABLE
     AS 'SELECT pg_catalog.floor(extract(epoch FROM pg_catalog.statement_timestamp())
           OPERATOR(pg_catalog.*) 1000::pg_catalog.numeric)::pg_catalog.int8';`,
  // An exchange takes the rows of its own channel alone, however many of others wait.
  `DROP INDEX vambe_identity.contact_waiting;
   CREATE INDEX contact_waiting ON vambe_identity.contact (channel_id, next_attempt_at) WHERE state = 'pending';`,
  // Written now and then, to see that it can be.
  `CREATE TABLE vambe_identity.write_proof (id integer PRIMARY KEY CHECK (id = 1), at bigint NOT NULL);`,
  // What waits is sealed from now on. What waits already is sealed at the start, with a key that SQL does not know; and
  // who has been confirmed stays so. The column's new name stops instances of the version before: what they do not see
  // they would take for delivered.
  `ALTER TABLE vambe_identity.contact RENAME COLUMN pending TO pending_in_clear;
   ALTER TABLE vambe_identity.contact ALTER COLUMN pending_in_clear DROP NOT NULL;
   ALTER TABLE vambe_identity.contact ADD COLUMN sealed bytea;
   ALTER TABLE vambe_identity.contact ADD COLUMN names text[] NOT NULL DEFAULT '{}';
   ALTER TABLE vambe_identity.migration ADD COLUMN needs integer;
   INSERT INTO vambe_identity.secret (name, value)
     SELECT 'data-key', convert_to('${OF_API_KEY}', 'UTF8') WHERE EXISTS (SELECT 1 FROM vambe_identity.contact);`,
  // Any number of rows that wait are walked through in steps, channel by channel, and those that have never failed are
  // found among any number of others.
  `DROP INDEX vambe_identity.contact_left;
   CREATE INDEX contact_left ON vambe_identity.contact (state, channel_id, pending_since, user_id) WHERE state <> 'idle';
   DROP INDEX vambe_identity.contact_waiting;
   CREATE INDEX contact_waiting ON vambe_identity.contact (channel_id, next_attempt_at, user_id) WHERE state = 'pending';
   CREATE INDEX contact_untried ON vambe_identity.contact (channel_id, next_attempt_at)
     WHERE state = 'pending' AND attempts = 0;`,
  // How many identifies were proven or refused, by hours.
  `CREATE TABLE vambe_identity.identify_count (
     hour bigint NOT NULL,
     origin text NOT NULL,
     outcome text NOT NULL,
     how text NOT NULL,
     count bigint NOT NULL,
     PRIMARY KEY (hour, origin, outcome, how)
   );`,
  // When Vambe last took all that was known of a user. Of those who are there already it counts as now.
  "ALTER TABLE vambe_identity.contact ADD COLUMN confirmed_at bigint NOT NULL DEFAULT vambe_identity.now_ms();",
];

/**
 * The oldest schema whose version of the exchange can work with this one. A change that only adds to what there is leaves it
 * as it is, so that going back one version is possible, and both may run side by side; one that takes away or means
 * something else sets it to its own number.
 */
const NEEDS = 5;

/** Any number, as long as no one else in the database locks the same. */
const LOCK = 8_262_309_471;

/** The database is there and not for this version, or not for us. */
export class UnfitDatabase extends Error {}

/** It is of an earlier version, which the exchange brings up to date when it starts. */
export class EarlierDatabase extends UnfitDatabase {}

/** Brings the database to this version's schema; of all who do it at once, one does. @throws {UnfitDatabase} */
export async function migrate(client: ClientBase): Promise<void> {
  const before = await readVersion(client);
  if (before !== undefined && before >= MIGRATIONS.length) return;
  await client.query("BEGIN");
  try {
    await client.query(`SELECT pg_advisory_xact_lock(${LOCK})`);
    const encoding = await client.query("SELECT current_setting('server_encoding') AS name");
    if (encoding.rows[0]?.name !== "UTF8") {
      throw new UnfitDatabase("the database's encoding has to be UTF-8: make one with ENCODING 'UTF8'");
    }
    // What was created ahead for an account that may not create schemas is not created again.
    const { rows } = await client.query("SELECT to_regnamespace('vambe_identity') AS found");
    if (rows[0]?.found === null) await client.query("CREATE SCHEMA vambe_identity");
    await client.query(
      "CREATE TABLE IF NOT EXISTS vambe_identity.migration (version integer PRIMARY KEY, at timestamptz DEFAULT now())",
    );
    const version = (await readVersion(client)) ?? 0;
    for (const [index, migration] of MIGRATIONS.entries()) {
      if (index < version) continue;
      await client.query(migration);
      await client.query("INSERT INTO vambe_identity.migration (version) VALUES ($1)", [index + 1]);
    }
    await client.query("UPDATE vambe_identity.migration SET needs = $1 WHERE version = $2", [
      NEEDS,
      MIGRATIONS.length,
    ]);
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK").catch(() => {});
    throw error;
  }
}

/** Whether a command may look in: only an exchange that serves migrates. @throws {UnfitDatabase} */
export async function checkForCommand(client: ClientBase): Promise<void> {
  const version = await readVersion(client);
  if (version === undefined) {
    throw new EarlierDatabase(
      "the database holds nothing of vambe-identity's yet: start the exchange once before",
    );
  }
  if (version < MIGRATIONS.length) {
    throw new EarlierDatabase(
      "the database is of an earlier version of vambe-identity, whose exchange may be running: start this version's exchange once, or use the command of that version",
    );
  }
}

/** Whether this version may go on: a later one's exchange may have been started beside it. @throws {UnfitDatabase} */
export async function checkStillFit(db: Asked): Promise<void> {
  await readVersion(db);
}

interface Asked {
  query<T extends QueryResultRow>(statement: string): Promise<{ rows: T[] }>;
}

/** `undefined` where there is nothing of ours yet. @throws {UnfitDatabase} where this version cannot work with it */
async function readVersion(client: Asked): Promise<number | undefined> {
  const { rows } = await client.query<{ found: string | null }>(
    "SELECT to_regclass('vambe_identity.migration') AS found",
  );
  if (rows[0]?.found === null) return undefined;
  const newest = await client.query<{ version: number; needs: string | null }>(
    `SELECT version, to_jsonb(migration) ->> 'needs' AS needs
     FROM vambe_identity.migration ORDER BY version DESC LIMIT 1`,
  );
  const { version = 0, needs = null } = newest.rows[0] ?? {};
  if (version > MIGRATIONS.length && !(needs !== null && Number(needs) <= MIGRATIONS.length)) {
    throw new UnfitDatabase(
      "the database was written by a later version of vambe-identity, and this one cannot work with it: update, or name another database",
    );
  }
  return version;
}
