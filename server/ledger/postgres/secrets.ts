import type { SecretUse } from "../ledger.ts";
import type { PostgresDatabase } from "./database.ts";
import { NOW } from "./row.ts";

/**
 * Beside the contacts: shared secrets, how often they were used, and the proofs that have served. A secret is
 * kept as bytes, since text could not hold every string. What is replaced is gone for every reader; from the
 * server's own files it goes with the next vacuum, and from its write-ahead log as that is recycled.
 */

export async function readSecret(db: PostgresDatabase, name: string): Promise<string | undefined> {
  const { rows } = await db.query<{ value: Buffer }>(
    "SELECT value FROM vambe_identity.secret WHERE name = $1",
    [name],
  );
  return rows[0]?.value.toString("utf8");
}

export async function replaceSecret(
  db: PostgresDatabase,
  name: string,
  expected: string | undefined,
  next: string,
): Promise<boolean> {
  const { rowCount } =
    expected === undefined
      ? await db.query(
          "INSERT INTO vambe_identity.secret (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING",
          [name, Buffer.from(next)],
        )
      : await db.query("UPDATE vambe_identity.secret SET value = $2 WHERE name = $1 AND value = $3", [
          name,
          Buffer.from(next),
          Buffer.from(expected),
        ]);
  return rowCount === 1;
}

/** Forgets at most this many at a time, so that no one caller waits for all of them. */
const MOST_FORGOTTEN = 100;

/** `expiresAt` comes from the proof and not from the caller's clock, so it is kept as it is. */
export async function useOnce(db: PostgresDatabase, id: string, expiresAt: number): Promise<boolean> {
  const { rowCount } = await db.query(
    `WITH forgotten AS (
       DELETE FROM vambe_identity.used_proof WHERE id IN (
         SELECT id FROM vambe_identity.used_proof WHERE expires_at <= ${NOW} AND id <> $1
         ORDER BY expires_at LIMIT ${MOST_FORGOTTEN} FOR UPDATE SKIP LOCKED))
     INSERT INTO vambe_identity.used_proof AS used (id, expires_at) VALUES ($1, $2)
     ON CONFLICT (id) DO UPDATE SET expires_at = excluded.expires_at WHERE used.expires_at <= ${NOW}`,
    [id, expiresAt],
  );
  return rowCount === 1;
}

/** In one order for all, so that no two instances wait for each other. */
export async function countSecretUses(db: PostgresDatabase, uses: readonly SecretUse[]): Promise<void> {
  if (uses.length === 0) return;
  await db.query(
    `INSERT INTO vambe_identity.secret_use AS known (secret, kid, proofs, last_at)
     SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[]) AS new (secret, kid, proofs, last_at)
     ORDER BY secret, kid
     ON CONFLICT (secret, kid) DO UPDATE SET proofs = known.proofs + excluded.proofs,
       last_at = greatest(known.last_at, excluded.last_at)`,
    [
      uses.map(({ secret }) => secret),
      uses.map(({ kid }) => kid),
      uses.map(({ proofs }) => proofs),
      uses.map(({ lastAt }) => lastAt),
    ],
  );
}

export async function secretUses(db: PostgresDatabase): Promise<SecretUse[]> {
  const { rows } = await db.query<{ secret: string; kid: string; proofs: number; last_at: number }>(
    `SELECT secret, kid, proofs, last_at FROM vambe_identity.secret_use
     ORDER BY last_at DESC, secret COLLATE "C", kid COLLATE "C"`,
  );
  return rows.map(({ secret, kid, proofs, last_at }) => ({ secret, kid, proofs, lastAt: last_at }));
}
