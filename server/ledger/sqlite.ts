import { DatabaseSync, type SQLOutputValue } from "node:sqlite";
import type { Fingerprint } from "./fingerprint.ts";
import {
  type Claim,
  type ContactTraits,
  type Delivery,
  LEASE_MS,
  type Ledger,
  LONGEST_WAIT_MS,
  type MissingField,
  type OutboxCounts,
  type Recorded,
  type Row,
  record,
  type Settlement,
  settle,
  type UserKey,
} from "./ledger.ts";
import { migrate, PAYLOAD } from "./sqlite-schema.ts";

type Columns = Record<string, SQLOutputValue>;

/** Rows that nobody is carrying, and those that may be carried now. A time further ahead than any can be is ignored. */
const FREE = `(lease_until <= :now OR lease_until > :now + ${LEASE_MS})`;
const DUE = `(next_attempt_at <= :now OR next_attempt_at > :now + ${LONGEST_WAIT_MS}) AND ${FREE}`;
/** Rows that still have a value for the custom field `:field`. */
const HOLDS_FIELD = `EXISTS (SELECT 1 FROM payload AS p, json_each(p.traits) AS trait
  WHERE p.channel_id = contact.channel_id AND p.user_id = contact.user_id AND trait.key = 'field:' || :field)`;

/**
 * A ledger in one SQLite file, for one process. Every write is on the disk before the call resolves
 * (`synchronous=FULL`), and what is erased is overwritten (`secure_delete`).
 */
export class SqliteLedger implements Ledger {
  readonly #db: DatabaseSync;
  readonly #fingerprint: Fingerprint;

  /** @param path of the file, made where there is none, or `:memory:` */
  constructor(path: string, fingerprint: Fingerprint) {
    this.#fingerprint = fingerprint;
    this.#db = new DatabaseSync(path, { timeout: 5000 });
    this.#db.exec(
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY",
    );
    migrate(this.#db);
    // Leases of a process that is gone. This one is alone with the file.
    this.#db.exec("UPDATE contact SET lease_until = 0 WHERE lease_until > 0");
  }

  async record(claim: Claim, now: number): Promise<Recorded> {
    const first = record(this.#row(claim), claim, this.#fingerprint);
    if (!first.row) return first.recorded;
    return this.#transaction(() => {
      const { recorded, row } = record(this.#row(claim), claim, this.#fingerprint);
      if (row) {
        this.#db
          .prepare(
            `INSERT INTO contact (channel_id, user_id, state, verified, generation, confirmed, attempts,
               next_attempt_at, lease_until, pending_since)
             VALUES (:channelId, :userId, :state, :verified, :generation, :confirmed, :attempts, :now, 0, :now)
             ON CONFLICT DO UPDATE SET state = :state, verified = :verified, generation = :generation,
               attempts = :attempts, next_attempt_at = :now, pending_since = coalesce(pending_since, :now)`,
          )
          .run({ ...keyOf(claim), ...written(row), now });
        this.#writePayload(claim, row);
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
         RETURNING channel_id, user_id, generation, attempts,
           (SELECT traits FROM payload AS p WHERE p.channel_id = contact.channel_id AND p.user_id = contact.user_id) AS traits`,
      )
      .get(parameters);
    return (
      found && {
        channelId: String(found.channel_id),
        userId: String(found.user_id),
        generation: Number(found.generation),
        traits: traitsIn(found.traits),
        attempts: Number(found.attempts),
      }
    );
  }

  async settle(delivery: Delivery, settlement: Settlement, now: number): Promise<void> {
    this.#transaction(() => {
      const before = this.#row(delivery);
      if (!before) return;
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
      this.#writePayload(delivery, row);
      this.#eraseIfEmpty();
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
      .prepare("UPDATE contact SET next_attempt_at = :now WHERE state = 'pending' AND next_attempt_at > :now")
      .run({ now });
  }

  async missingFields(): Promise<MissingField[]> {
    return this.#db
      .prepare("SELECT key, probe_at, attempts FROM missing_field")
      .all()
      .map((row) => ({
        key: String(row.key),
        probeAt: Number(row.probe_at),
        attempts: Number(row.attempts),
      }));
  }

  async markMissing({ key, probeAt, attempts }: MissingField): Promise<void> {
    this.#db
      .prepare(
        `INSERT INTO missing_field (key, probe_at, attempts) VALUES (:key, :probeAt, :attempts)
         ON CONFLICT DO UPDATE SET probe_at = :probeAt, attempts = :attempts`,
      )
      .run({ key, probeAt, attempts });
  }

  async clearMissing(key: string, now: number): Promise<void> {
    this.#transaction(() => {
      this.#db.prepare("DELETE FROM missing_field WHERE key = :key").run({ key });
      this.#db
        .prepare(
          `UPDATE contact SET state = 'pending',
             next_attempt_at = :now + min(${LONGEST_WAIT_MS}, 10000 * ((1 << min(attempts, 6)) - 1))
           WHERE state = 'withheld' AND ${HOLDS_FIELD}`,
        )
        .run({ now, field: key });
    });
  }

  async outbox(): Promise<OutboxCounts> {
    const counts: OutboxCounts = { pending: 0, withheld: 0, rejected: 0 };
    for (const { state, count } of this.#db
      .prepare("SELECT state, count(*) AS count FROM contact WHERE state <> 'idle' GROUP BY state")
      .all()) {
      counts[state as keyof OutboxCounts] = Number(count);
    }
    return counts;
  }

  async keepSecret(name: string, offer: () => Promise<string>): Promise<string> {
    const kept = () => this.#db.prepare("SELECT value FROM secret WHERE name = :name").get({ name })?.value;
    if (kept() === undefined) {
      const value = await offer();
      this.#db.prepare("INSERT INTO secret (name, value) VALUES (:name, :value) ON CONFLICT DO NOTHING").run({
        name,
        value,
      });
    }
    return String(kept());
  }

  async close(): Promise<void> {
    this.#rewritePayload();
    this.#db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    this.#db.close();
  }

  #writePayload(key: UserKey, row: Row): void {
    if (Object.keys(row.pending).length === 0) {
      this.#db
        .prepare("DELETE FROM payload WHERE channel_id = :channelId AND user_id = :userId")
        .run(keyOf(key));
    } else {
      this.#db
        .prepare(
          `INSERT INTO payload (channel_id, user_id, traits) VALUES (:channelId, :userId, :traits)
           ON CONFLICT DO UPDATE SET traits = :traits`,
        )
        .run({ ...keyOf(key), traits: JSON.stringify(row.pending) });
    }
  }

  #eraseIfEmpty(): void {
    if (!this.#db.prepare("SELECT 1 FROM payload LIMIT 1").get())
      this.#db.exec(`DROP TABLE payload; ${PAYLOAD}`);
  }

  /** Leaves nothing in the file but what is still to be delivered. */
  #rewritePayload(): void {
    this.#transaction(() =>
      this.#db.exec(
        `CREATE TEMP TABLE kept AS SELECT * FROM payload; DROP TABLE payload; ${PAYLOAD};
         INSERT INTO payload SELECT * FROM kept; DROP TABLE kept`,
      ),
    );
  }

  #row(key: UserKey): Row | undefined {
    const found: Columns | undefined = this.#db
      .prepare(
        `SELECT state, verified, generation, traits, confirmed, attempts
         FROM contact LEFT JOIN payload USING (channel_id, user_id)
         WHERE contact.channel_id = :channelId AND contact.user_id = :userId`,
      )
      .get(keyOf(key));
    return (
      found && {
        state: String(found.state) as Row["state"],
        verified: found.verified === 1,
        generation: Number(found.generation),
        pending: traitsIn(found.traits),
        confirmed: JSON.parse(String(found.confirmed)),
        attempts: Number(found.attempts),
      }
    );
  }

  #transaction<T>(work: () => T): T {
    this.#db.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.#db.exec("COMMIT");
      return result;
    } catch (error) {
      this.#db.exec("ROLLBACK");
      throw error;
    }
  }
}

const traitsIn = (column: SQLOutputValue | undefined): ContactTraits =>
  typeof column === "string" ? JSON.parse(column) : {};

const retryTimeOf = (settlement: Settlement): number | undefined =>
  settlement.kind === "retry"
    ? settlement.at
    : settlement.kind === "delivered"
      ? settlement.retryAt
      : undefined;

const keyOf = ({ channelId, userId }: UserKey) => ({ channelId, userId });

const written = (row: Row) => ({
  state: row.state,
  verified: row.verified ? 1 : 0,
  generation: row.generation,
  confirmed: JSON.stringify(row.confirmed),
  attempts: row.attempts,
});
