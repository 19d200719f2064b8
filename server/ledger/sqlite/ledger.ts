import type { DatabaseSync } from "node:sqlite";
import type { Fingerprint } from "../fingerprint.ts";
import {
  type Claim,
  type Delivery,
  isConfirmed,
  LEASE_MS,
  type Ledger,
  LONGEST_WAIT_MS,
  type MissingField,
  type OutboxCounts,
  type Recorded,
  record,
  type SecretUse,
  type Settlement,
  settle,
  type UserKey,
  WOKEN_UP_TO,
} from "../ledger.ts";
import type { ErrorCount, OutboxEntry, OutboxFilter } from "../outbox.ts";
import { retryTimeOf } from "../settlement.ts";
import { openDatabase, transaction } from "./database.ts";
import * as fields from "./missing-fields.ts";
import * as outbox from "./outbox.ts";
import { eraseIfEmpty, rewritePayload, writePayload } from "./payload.ts";
import { keyOf, readConfirmed, readRow, traitsIn, written } from "./row.ts";
import { countSecretUses, readSecret, replaceSecret, secretUses, useOnce } from "./secrets.ts";

/** Rows that nobody is carrying, and those that may be carried now. A time further ahead than any can be is ignored. */
const FREE = `(lease_until <= :now OR lease_until > :now + ${LEASE_MS})`;
const DUE = `(next_attempt_at <= :now OR next_attempt_at > :now + ${LONGEST_WAIT_MS}) AND ${FREE}`;
/** Rows that still have a value for the custom field `:field`. */
const HOLDS_FIELD = `EXISTS (SELECT 1 FROM payload AS p, json_each(p.traits) AS trait
  WHERE p.channel_id = contact.channel_id AND p.user_id = contact.user_id AND trait.key = 'field:' || :field)`;

/** A ledger in one SQLite file, for one process that delivers; others may look in. Every write is durable. */
export class SqliteLedger implements Ledger {
  readonly #db: DatabaseSync;
  readonly #fingerprint: Fingerprint;
  #delivers = false;

  /** @param path of the file, made where there is none, or `:memory:` */
  constructor(path: string, fingerprint: Fingerprint) {
    this.#fingerprint = fingerprint;
    this.#db = openDatabase(path);
  }

  async takeOver(): Promise<void> {
    this.#delivers = true;
    this.#db.exec("UPDATE contact SET lease_until = 0 WHERE lease_until > 0");
  }

  async record(claim: Claim, now: number): Promise<Recorded> {
    const confirmed = readConfirmed(this.#db, claim);
    if (confirmed && isConfirmed(confirmed, claim, this.#fingerprint))
      return { outcome: "unchanged", withheld: [] };
    const first = record(readRow(this.#db, claim), claim, this.#fingerprint);
    if (!first.row) return first.recorded;
    return this.#transaction(() => {
      const { recorded, row } = record(readRow(this.#db, claim), claim, this.#fingerprint);
      if (row) {
        this.#db
          .prepare(
            `INSERT INTO contact (channel_id, user_id, state, verified, generation, confirmed, attempts,
               next_attempt_at, lease_until, pending_since)
             VALUES (:channelId, :userId, :state, :verified, :generation, :confirmed, :attempts, :now, 0, :now)
             ON CONFLICT DO UPDATE SET state = :state, verified = :verified, generation = :generation,
               attempts = :attempts, next_attempt_at = :now,
               pending_since = CASE contact.state WHEN 'pending' THEN pending_since ELSE :now END`,
          )
          .run({ ...keyOf(claim), ...written(row), now });
        writePayload(this.#db, claim, row.pending);
      }
      return recorded;
    });
  }

  async claim(key: UserKey, now: number): Promise<Delivery | undefined> {
    return this.#take(`state = 'pending' AND channel_id = :channelId AND user_id = :userId AND ${DUE}`, {
      ...keyOf(key),
      now,
    });
  }

  async claimNext(now: number): Promise<Delivery | undefined> {
    return this.#take(
      `(channel_id, user_id) = (SELECT channel_id, user_id FROM contact
         WHERE state = 'pending' AND ${DUE} ORDER BY next_attempt_at LIMIT 1)`,
      { now },
    );
  }

  async claimWithheld(field: string, now: number): Promise<Delivery | undefined> {
    return this.#take(
      `(channel_id, user_id) = (SELECT channel_id, user_id FROM contact
         WHERE state = 'withheld' AND ${FREE} AND ${HOLDS_FIELD} ORDER BY next_attempt_at LIMIT 1)`,
      { now, field },
    );
  }

  #take(where: string, parameters: Record<string, string | number>): Delivery | undefined {
    const found = this.#db
      .prepare(
        `UPDATE contact SET lease_until = :now + ${LEASE_MS} WHERE ${where}
         RETURNING channel_id, user_id, generation, attempts, lease_until,
           (SELECT traits FROM payload AS p WHERE p.channel_id = contact.channel_id AND p.user_id = contact.user_id) AS traits`,
      )
      .get(parameters);
    return (
      found && {
        channelId: String(found.channel_id),
        userId: String(found.user_id),
        generation: Number(found.generation),
        lease: Number(found.lease_until),
        traits: traitsIn(found.traits),
        attempts: Number(found.attempts),
      }
    );
  }

  async settle(delivery: Delivery, settlement: Settlement, now: number): Promise<void> {
    this.#transaction(() => {
      const before = readRow(this.#db, delivery);
      if (!before || before.lease !== delivery.lease) return;
      const row = settle(before, delivery, settlement, this.#fingerprint);
      this.#db
        .prepare(
          `UPDATE contact SET state = :state, generation = :generation, verified = :verified,
             confirmed = :confirmed, attempts = :attempts, lease_until = 0, next_attempt_at = :nextAttemptAt,
             contact_id = coalesce(:contactId, contact_id), last_error = :error,
             pending_since = CASE WHEN :state = 'idle' THEN NULL ELSE pending_since END
           WHERE channel_id = :channelId AND user_id = :userId`,
        )
        .run({
          ...keyOf(delivery),
          ...written(row),
          nextAttemptAt: retryTimeOf(settlement) ?? now,
          contactId: settlement.kind === "delivered" ? (settlement.contactId ?? null) : null,
          error: settlement.kind === "delivered" ? null : settlement.error,
        });
      writePayload(this.#db, delivery, row.pending);
      eraseIfEmpty(this.#db);
    });
  }

  async nextDueAt(now: number): Promise<number | undefined> {
    const next = this.#db
      .prepare(
        `SELECT min(min(max(next_attempt_at, lease_until), :now + ${LONGEST_WAIT_MS})) AS at
         FROM contact WHERE state = 'pending'`,
      )
      .get({ now });
    return typeof next?.at === "number" ? next.at : undefined;
  }

  async wakeAll(now: number): Promise<void> {
    this.#db
      .prepare(
        `UPDATE contact SET next_attempt_at = :now
         WHERE state = 'pending' AND next_attempt_at > :now AND attempts <= ${WOKEN_UP_TO}`,
      )
      .run({ now });
  }

  async missingFields(): Promise<MissingField[]> {
    return fields.missingFields(this.#db);
  }

  async markMissing(field: MissingField): Promise<void> {
    fields.markMissing(this.#db, field);
  }

  async clearMissing(key: string, now: number): Promise<void> {
    this.#transaction(() => {
      this.#db.prepare("DELETE FROM missing_field WHERE key = :key").run({ key });
      this.#db
        .prepare(
          `UPDATE contact SET state = 'pending', pending_since = :now,
             next_attempt_at = :now + min(${LONGEST_WAIT_MS}, 10000 * ((1 << min(attempts, 6)) - 1))
           WHERE state = 'withheld' AND ${HOLDS_FIELD}`,
        )
        .run({ now, field: key });
    });
  }

  async outbox(): Promise<OutboxCounts> {
    return outbox.countOutbox(this.#db);
  }

  async oldestPending(): Promise<number | undefined> {
    return outbox.oldestPending(this.#db);
  }

  async lastErrors(limit: number): Promise<ErrorCount[]> {
    return outbox.lastErrors(this.#db, limit);
  }

  async entries(filter: OutboxFilter): Promise<OutboxEntry[]> {
    return outbox.entries(this.#db, filter);
  }

  async retry(userId: string | undefined, now: number): Promise<number> {
    return this.#transaction(() => outbox.retry(this.#db, userId, now));
  }

  async forget(userId: string): Promise<boolean> {
    const found = this.#transaction(() => outbox.forget(this.#db, userId));
    this.#db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    return found;
  }

  async readSecret(name: string): Promise<string | undefined> {
    return readSecret(this.#db, name);
  }

  async replaceSecret(name: string, expected: string | undefined, next: string): Promise<boolean> {
    return replaceSecret(this.#db, name, expected, next);
  }

  async useOnce(id: string, expiresAt: number, now: number): Promise<boolean> {
    return this.#transaction(() => useOnce(this.#db, id, expiresAt, now));
  }

  async countSecretUses(uses: readonly SecretUse[]): Promise<void> {
    this.#transaction(() => countSecretUses(this.#db, uses));
  }

  async secretUses(): Promise<SecretUse[]> {
    return secretUses(this.#db);
  }

  async close(): Promise<void> {
    if (this.#delivers) {
      this.#transaction(() => rewritePayload(this.#db));
      this.#db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    }
    this.#db.close();
  }

  #transaction<T>(work: () => T): T {
    return transaction(this.#db, work);
  }
}
