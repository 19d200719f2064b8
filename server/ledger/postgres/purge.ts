import { NotPurged, type Purged } from "../contract/purge.ts";
import type { PostgresDatabase } from "./database.ts";

/** For a table that others use, in milliseconds: until they let it go, and at the most for the work itself. */
const LOCK_MS = 3000;
const WORK_MS = 10 * 60_000;

const GONE =
  "PostgreSQL's tables are vacuumed. Its write-ahead log and its backups have what was deleted or replaced for as long as those are kept.";

/**
 * VACUUM takes the older versions of rows out of the tables, beside running instances. The few rows of `secret` are
 * written anew as a whole, since a key is worth more to whoever finds the files. What stays: PostgreSQL's own
 * write-ahead log, and versions that a transaction which is open elsewhere may still want to see.
 * @throws {NotPurged} where the account may not, or others do not let go of the table
 */
export async function purge(db: PostgresDatabase, what: Purged): Promise<string> {
  const statement =
    what === "secrets" ? "VACUUM FULL vambe_identity.secret" : "VACUUM vambe_identity.contact";
  try {
    const warned = await db.alone(statement, { lockMs: LOCK_MS, workMs: WORK_MS });
    // What may not be done is skipped with a warning.
    if (!warned) return GONE;
  } catch {
    // Said below, with what there is to do.
  }
  throw new NotPurged(
    `it is out of the database, but older versions of the rows are still in PostgreSQL's files: have the tables' owner run ${statement}`,
  );
}
