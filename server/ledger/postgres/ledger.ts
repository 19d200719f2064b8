import type { RateLimiterMemory } from "rate-limiter-flexible";
import type { Fingerprint } from "../fingerprint.ts";
import {
  type Claim,
  type Delivery,
  LEASE_MS,
  type Ledger,
  LONGEST_WAIT_MS,
  type MissingField,
  type OutboxCounts,
  type Recorded,
  type Row,
  record,
  type SecretUse,
  type Settlement,
  settle,
  type UserKey,
  WOKEN_UP_TO,
} from "../ledger.ts";
import type { ErrorCount, OutboxEntry, OutboxFilter } from "../outbox.ts";
import { retryTimeOf } from "../settlement.ts";
import type { Shared } from "../shared.ts";
import type { PostgresDatabase } from "./database.ts";
import * as fields from "./missing-fields.ts";
import { PostgresNotices } from "./notices.ts";
import * as outbox from "./outbox.ts";
import { takeTurn } from "./pace.ts";
import { sharedLimiter } from "./request-counts.ts";
import * as kept from "./row.ts";
import { DUE, FREE, NOW } from "./row.ts";
import * as secrets from "./secrets.ts";

/**
 * A ledger in PostgreSQL, for any number of instances. Each step is one statement that commits by itself: a row
 * is read, the rules are asked, and it is written only where it is still what was read (`version`), or else
 * once more from the start. So an instance that is cut off or killed never leaves a lock behind, and what it
 * still has on the way to the server changes nothing that others have changed since.
 */
export class PostgresLedger implements Ledger {
  readonly shared: Shared;
  readonly #db: PostgresDatabase;
  readonly #fingerprint: Fingerprint;
  readonly #notices: PostgresNotices;

  constructor(db: PostgresDatabase, fingerprint: Fingerprint) {
    this.#db = db;
    this.#fingerprint = fingerprint;
    this.#notices = new PostgresNotices(db);
    this.shared = {
      listen: (hear) => this.#notices.listen(hear),
      isUnderWay: (key) => this.#isUnderWay(key),
      renew: (delivery) => this.#renew(delivery),
      takeTurn: (perSecond, ahead) => takeTurn(db, perSecond, ahead),
      limiter: (own: RateLimiterMemory) => sharedLimiter(db, own),
    };
  }

  /** What others have under way stays theirs; of an instance that was killed it is free when its lease has run out. */
  takeOver(): Promise<void> {
    return this.#db.open();
  }

  async record(claim: Claim): Promise<Recorded> {
    for (;;) {
      const before = await this.#read(claim);
      const { recorded, row } = record(before?.row, claim, this.#fingerprint);
      if (!row) return recorded;
      if (!(await this.#write(claim, row, before?.version))) continue;
      this.#notices.tell({ kind: "recorded" });
      return recorded;
    }
  }

  async #read({ channelId, userId }: UserKey): Promise<kept.KeptRow | undefined> {
    const { rows } = await this.#db.query<kept.RowColumns>(
      `SELECT ${kept.ROW} FROM vambe_identity.contact WHERE channel_id = $1 AND user_id = $2`,
      [channelId, userId],
    );
    return rows[0] && kept.rowIn(rows[0]);
  }

  /** @returns whether the row was still the one of `version`, or still none */
  async #write(key: UserKey, row: Row, version: number | undefined): Promise<boolean> {
    const values = kept.written(key, row);
    const { rowCount } =
      version === undefined
        ? await this.#db.query(
            `INSERT INTO vambe_identity.contact (channel_id, user_id, state, verified, generation, pending,
               confirmed, attempts, next_attempt_at, pending_since)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, ${NOW}, ${NOW}) ON CONFLICT DO NOTHING`,
            values,
          )
        : await this.#db.query(
            `UPDATE vambe_identity.contact SET state = $3, verified = $4, generation = $5, pending = $6,
               confirmed = $7, attempts = $8, version = version + 1, next_attempt_at = ${NOW},
               pending_since = CASE state WHEN 'pending' THEN pending_since ELSE ${NOW} END
             WHERE channel_id = $1 AND user_id = $2 AND version = $9`,
            [...values, version],
          );
    return rowCount === 1;
  }

  claim({ channelId, userId }: UserKey): Promise<Delivery | undefined> {
    return this.#take(`state = 'pending' AND channel_id = $1 AND user_id = $2 AND ${DUE}`, [
      channelId,
      userId,
    ]);
  }

  claimNext(): Promise<Delivery | undefined> {
    return this.#take(
      `(channel_id, user_id) = (SELECT channel_id, user_id FROM vambe_identity.contact
         WHERE state = 'pending' AND ${DUE} ORDER BY next_attempt_at LIMIT 1 FOR UPDATE SKIP LOCKED)`,
      [],
    );
  }

  claimWithheld(field: string): Promise<Delivery | undefined> {
    return this.#take(
      `(channel_id, user_id) = (SELECT channel_id, user_id FROM vambe_identity.contact
         WHERE state = 'withheld' AND ${FREE} AND pending ? ('field:' || $1::text)
         ORDER BY next_attempt_at LIMIT 1 FOR UPDATE SKIP LOCKED)`,
      [field],
    );
  }

  async #take(where: string, values: unknown[]): Promise<Delivery | undefined> {
    const { rows } = await this.#db.query<kept.TakenColumns>(
      `UPDATE vambe_identity.contact SET lease_until = ${NOW} + ${LEASE_MS} WHERE ${where}
       RETURNING ${kept.TAKEN}`,
      values,
    );
    return rows[0] && kept.deliveryIn(rows[0]);
  }

  async settle(delivery: Delivery, settlement: Settlement, now: number): Promise<void> {
    for (let settled = false; !settled; ) {
      const before = await this.#read(delivery);
      if (!before || before.lease !== delivery.lease) return;
      const row = settle(before.row, delivery, settlement, this.#fingerprint);
      const { rowCount } = await this.#db.query(
        `UPDATE vambe_identity.contact SET state = $3, verified = $4, generation = $5, pending = $6, confirmed = $7,
           attempts = $8, version = version + 1, lease_until = 0, next_attempt_at = ${NOW} + $9,
           contact_id = coalesce($10, contact_id), last_error = $11,
           pending_since = CASE WHEN $3 = 'idle' THEN NULL ELSE pending_since END
         WHERE channel_id = $1 AND user_id = $2 AND version = $12 AND lease_until = $13`,
        [
          ...kept.written(delivery, row),
          Math.round((retryTimeOf(settlement) ?? now) - now),
          settlement.kind === "delivered" ? kept.storable(settlement.contactId) : null,
          settlement.kind === "delivered" ? null : kept.storable(settlement.error),
          before.version,
          delivery.lease,
        ],
      );
      settled = rowCount === 1;
    }
    const { channelId, userId, generation, traits } = delivery;
    const withheld =
      settlement.kind === "delivered"
        ? Object.keys(traits).filter((trait) => settlement.sent[trait] === undefined)
        : undefined;
    this.#notices.tell({ kind: "settled", channelId, userId, generation, withheld });
  }

  /** By way of the indexes, however many rows there are: the one due first of those that are free, or of the others. */
  async nextDueAt(now: number): Promise<number | undefined> {
    const { rows } = await this.#db.query<{ in_ms: number | null }>(
      `SELECT least(
         (SELECT next_attempt_at FROM vambe_identity.contact
          WHERE state = 'pending' AND ${FREE} ORDER BY next_attempt_at LIMIT 1),
         (SELECT min(greatest(next_attempt_at, lease_until)) FROM vambe_identity.contact
          WHERE state = 'pending' AND lease_until > 0 AND NOT ${FREE})
       ) - ${NOW} AS in_ms`,
    );
    const inMs = rows[0]?.in_ms ?? undefined;
    return inMs === undefined ? undefined : now + Math.min(inMs, LONGEST_WAIT_MS);
  }

  async wakeAll(): Promise<void> {
    await this.#db.query(
      `UPDATE vambe_identity.contact SET next_attempt_at = ${NOW}
       WHERE state = 'pending' AND next_attempt_at > ${NOW} AND attempts <= ${WOKEN_UP_TO}`,
    );
    this.#notices.tell({ kind: "due" });
  }

  missingFields = (): Promise<MissingField[]> => fields.missingFields(this.#db);
  markMissing = (field: MissingField): Promise<void> => fields.markMissing(this.#db, field);

  async clearMissing(key: string): Promise<void> {
    await fields.clearMissing(this.#db, key);
    this.#notices.tell({ kind: "due" });
  }

  async #isUnderWay({ channelId, userId }: UserKey): Promise<boolean> {
    const { rows } = await this.#db.query(
      `SELECT 1 FROM vambe_identity.contact WHERE channel_id = $1 AND user_id = $2 AND NOT ${FREE}`,
      [channelId, userId],
    );
    return rows.length > 0;
  }

  async #renew({ channelId, userId, lease }: Delivery): Promise<number | undefined> {
    const { rows } = await this.#db.query<{ lease_until: number }>(
      `UPDATE vambe_identity.contact SET lease_until = ${NOW} + ${LEASE_MS}
       WHERE channel_id = $1 AND user_id = $2 AND lease_until = $3 RETURNING lease_until`,
      [channelId, userId, lease],
    );
    return rows[0]?.lease_until;
  }

  outbox = (): Promise<OutboxCounts> => outbox.countOutbox(this.#db);
  oldestPending = (): Promise<number | undefined> => outbox.oldestPending(this.#db);
  lastErrors = (limit: number): Promise<ErrorCount[]> => outbox.lastErrors(this.#db, limit);
  entries = (filter: OutboxFilter): Promise<OutboxEntry[]> => outbox.entries(this.#db, filter);
  forget = (userId: string): Promise<boolean> => outbox.forget(this.#db, userId);

  async retry(userId: string | undefined, now: number): Promise<number> {
    const rows = await outbox.retry(this.#db, userId, now);
    this.#notices.tell({ kind: "due" });
    return rows;
  }

  readSecret = (name: string): Promise<string | undefined> => secrets.readSecret(this.#db, name);
  replaceSecret = (name: string, expected: string | undefined, next: string): Promise<boolean> =>
    secrets.replaceSecret(this.#db, name, expected, next);
  useOnce = (id: string, expiresAt: number): Promise<boolean> => secrets.useOnce(this.#db, id, expiresAt);
  countSecretUses = (uses: readonly SecretUse[]): Promise<void> => secrets.countSecretUses(this.#db, uses);
  secretUses = (): Promise<SecretUse[]> => secrets.secretUses(this.#db);

  async close(): Promise<void> {
    await this.#notices.close();
    await this.#db.close();
  }
}
