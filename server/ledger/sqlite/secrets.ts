import type { DatabaseSync } from "node:sqlite";
import type { SecretUse } from "../ledger.ts";

/** Beside the contacts: shared secrets, how often they were used, and the proofs that have served. */

export function readSecret(db: DatabaseSync, name: string): string | undefined {
  const found = db.prepare("SELECT value FROM secret WHERE name = :name").get({ name });
  return found && String(found.value);
}

export function replaceSecret(
  db: DatabaseSync,
  name: string,
  expected: string | undefined,
  next: string,
): boolean {
  if (expected === undefined) {
    const insert = db.prepare(
      "INSERT INTO secret (name, value) VALUES (:name, :next) ON CONFLICT DO NOTHING",
    );
    return insert.run({ name, next }).changes === 1;
  }
  const update = db.prepare("UPDATE secret SET value = :next WHERE name = :name AND value = :expected");
  if (update.run({ name, expected, next }).changes !== 1) return false;
  // The write-ahead log still holds what was replaced.
  db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  return true;
}

/** Forgets at most this many at a time, so that no one caller waits for all of them. */
const MOST_FORGOTTEN = 100;

/** To be run in a transaction. */
export function useOnce(db: DatabaseSync, id: string, expiresAt: number, now: number): boolean {
  db.prepare(
    `DELETE FROM used_proof WHERE id IN
       (SELECT id FROM used_proof WHERE expires_at <= :now ORDER BY expires_at LIMIT ${MOST_FORGOTTEN})`,
  ).run({ now });
  const { changes } = db
    .prepare(
      `INSERT INTO used_proof (id, expires_at) VALUES (:id, :expiresAt)
       ON CONFLICT DO UPDATE SET expires_at = :expiresAt WHERE expires_at <= :now`,
    )
    .run({ id, expiresAt, now });
  return changes === 1;
}

/** To be run in a transaction. */
export function countSecretUses(db: DatabaseSync, uses: readonly SecretUse[]): void {
  const count = db.prepare(
    `INSERT INTO secret_use (secret, kid, proofs, last_at) VALUES (:secret, :kid, :proofs, :lastAt)
     ON CONFLICT DO UPDATE SET proofs = proofs + :proofs, last_at = max(last_at, :lastAt)`,
  );
  for (const { secret, kid, proofs, lastAt } of uses) count.run({ secret, kid, proofs, lastAt });
}

export function secretUses(db: DatabaseSync): SecretUse[] {
  return db
    .prepare("SELECT secret, kid, proofs, last_at FROM secret_use ORDER BY last_at DESC, secret, kid")
    .all()
    .map((row) => ({
      secret: String(row.secret),
      kid: String(row.kid),
      proofs: Number(row.proofs),
      lastAt: Number(row.last_at),
    }));
}
