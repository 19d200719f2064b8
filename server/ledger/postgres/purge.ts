import { setTimeout as sleep } from "node:timers/promises";
import { NotPurged, type Purged } from "../contract/purge.ts";
import type { PostgresDatabase } from "./database.ts";

/** For a table that others use, in milliseconds: until they let it go, and at the most for the work itself. */
const LOCK_MS = 3000;
const WORK_MS = 10 * 60_000;
/** How long older versions may be somebody's to see before that is said, and between two tries. Milliseconds. */
const PATIENCE_MS = 5000;
const PAUSE_MS = 250;

const LOCK_NOT_AVAILABLE = "55P03";

const IN_USE =
  "it is out of the database, but older versions of the rows are still in PostgreSQL's files: something else is using the table, such as a dump. Run this command again after that";
const LEFT =
  "Its write-ahead log and its backups have what was deleted or replaced for as long as those are kept.";
const WAYS = {
  contacts: {
    table: "contact",
    lock: "SHARE UPDATE EXCLUSIVE",
    how: "FREEZE",
    statement: "VACUUM (FREEZE) vambe_identity.contact",
    gone: `PostgreSQL's tables are vacuumed: nobody who asks the server sees the older versions, and their space is used again; to overwrite it at once, run VACUUM FULL vambe_identity.contact. ${LEFT}`,
  },
  secrets: {
    table: "secret",
    lock: "ACCESS EXCLUSIVE",
    how: "FULL",
    statement: "VACUUM FULL vambe_identity.secret",
    gone: `PostgreSQL's tables are vacuumed. ${LEFT}`,
  },
} as const;

/**
 * VACUUM takes the older versions of rows out of the tables, beside running instances. The few rows of `secret` are
 * written anew as a whole, since a key is worth more to whoever finds the files. PostgreSQL's own write-ahead log stays.
 *
 * Versions that a transaction elsewhere may still want to see stay too, and VACUUM does not say so. But both statements
 * freeze all that is older than what anybody may still see, and `relfrozenxid` is then that bound, whether it is
 * held by a dump, a standby, a replication slot or a prepared transaction.
 * @throws {NotPurged} where the account may not, others do not let go of the table, or somebody may still see
 * the older versions
 */
export async function purge(db: PostgresDatabase, what: Purged): Promise<string> {
  const { table, gone } = WAYS[what];
  const now = await transactionNow(db);
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    await vacuum(db, WAYS[what]);
    if (await isFrozenUpTo(db, table, now)) return db.named(gone);
    if (performance.now() > deadline) {
      throw new NotPurged(
        "it is out of the database, but older versions of the rows are still in PostgreSQL's files: a transaction that is open elsewhere, such as a dump's, or a standby may still see them. Run this command again after that",
      );
    }
    await sleep(PAUSE_MS);
  }
}

/**
 * The lock is waited for in a transaction of its own, since that is where a limit can be set without leaving it in the
 * session, and since whoever waits for it sends PostgreSQL's own vacuum away. VACUUM then never waits.
 */
async function vacuum(
  db: PostgresDatabase,
  { table, lock, how, statement }: (typeof WAYS)[Purged],
): Promise<void> {
  const name = `vambe_identity.${table}`;
  try {
    await db.inTransaction(`SET LOCAL lock_timeout = ${LOCK_MS}; LOCK TABLE ${name} IN ${lock} MODE`);
    const warned = await db.alone(`VACUUM (${how}, SKIP_LOCKED) ${name}`, WORK_MS);
    if (warned === undefined) return;
    if (warned === LOCK_NOT_AVAILABLE) throw new NotPurged(IN_USE);
    // What may not be done is skipped with a warning.
  } catch (error) {
    if (error instanceof NotPurged) throw error;
    if (Object(error).code === LOCK_NOT_AVAILABLE) throw new NotPurged(IN_USE);
    // Said below, with what there is to do.
  }
  throw new NotPurged(
    `it is out of the database, but older versions of the rows are still in PostgreSQL's files: have the tables' owner run ${db.named(statement)}`,
  );
}

/** The id of a transaction that began after all that was deleted until now. */
async function transactionNow(db: PostgresDatabase): Promise<string> {
  const { rows } = await db.query<{ id: string }>("SELECT (txid_current() % 4294967296)::text AS id");
  return rows[0]?.id ?? "0";
}

/** Whether the last vacuum could take out all that was deleted before this transaction began. */
async function isFrozenUpTo(db: PostgresDatabase, table: string, transaction: string): Promise<boolean> {
  const { rows } = await db.query<{ done: boolean }>(
    `SELECT age(relfrozenxid) <= age($1::xid) AS done FROM pg_catalog.pg_class
     WHERE oid = 'vambe_identity.${table}'::regclass`,
    [transaction],
  );
  return rows[0]?.done === true;
}
