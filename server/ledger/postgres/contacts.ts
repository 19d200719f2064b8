import type { Background } from "../background.ts";
import { leftOut } from "../contact-traits.ts";
import type { Bulk } from "../contract/bulk.ts";
import type { Contacts, Which } from "../contract/contacts.ts";
import type { DataKey } from "../data-key.ts";
import { NewestProofs, type SeenProof } from "../newest-proofs.ts";
import {
  type Claim,
  type Delivery,
  LEASE_MS,
  LONGEST_WAIT_MS,
  type Recorded,
  type Row,
  type Settlement,
} from "../row.ts";
import { isOfAll, record, retryTimeOf, settle } from "../rules.ts";
import { nameOf, type UserKey } from "../user-key.ts";
import type { PostgresDatabase } from "./database.ts";
import type { PostgresNotices } from "./notices.ts";
import {
  ASKED,
  asked,
  DUE,
  deliveryIn,
  FREE,
  holdsField,
  type KeptRow,
  NOW,
  ROW,
  type RowColumns,
  raisedTo,
  rowIn,
  storable,
  TAKEN,
  type TakenColumns,
  TOO_FAR,
  written,
} from "./row.ts";
import { ofState, rangesOf } from "./steps.ts";
import { reopen, wake } from "./waking.ts";

/**
 * Each step is one statement that commits by itself: a row is read, the rules are asked, and it is written only
 * where it is still what was read (`version`), or else once more from the start. So an instance that is cut off or
 * killed never leaves a lock behind, and what it still has on the way to the server changes nothing that others
 * have changed since.
 */
export class PostgresContacts implements Contacts, Pick<Bulk, "recordAll" | "foresee"> {
  readonly #db: PostgresDatabase;
  readonly #key: DataKey;
  readonly #notices: PostgresNotices;
  readonly #channelId: string;
  readonly #background: Background;
  readonly #newest = new NewestProofs((seen) => this.#raise(seen));
  /** The row that was taken out last to look for a missing field. */
  #looked: readonly unknown[] | undefined;

  /** @param channelId whose rows are carried: those of others are another exchange's */
  constructor(
    db: PostgresDatabase,
    key: DataKey,
    notices: PostgresNotices,
    channelId: string,
    background: Background,
  ) {
    this.#background = background;
    this.#channelId = channelId;
    this.#db = db;
    this.#key = key;
    this.#notices = notices;
  }

  async record(claim: Claim, now: number, refreshAfterMs?: number): Promise<Recorded> {
    for (;;) {
      const recorded = await this.#recordOn(await this.#read(claim), claim, now, refreshAfterMs);
      if (recorded) return recorded;
    }
  }

  /** One query for all that are read. */
  async recordAll(claims: readonly Claim[], now: number): Promise<Recorded[]> {
    const before = await this.#readAll(claims);
    return Promise.all(
      claims.map(
        async (claim) =>
          (await this.#recordOn(before.get(nameOf(claim)), claim, now)) ?? this.record(claim, now),
      ),
    );
  }

  async foresee(claims: readonly Claim[], now: number): Promise<Recorded[]> {
    const before = await this.#readAll(claims);
    return claims.map((claim) => this.#judge(before.get(nameOf(claim)), claim, now).recorded);
  }

  /** @returns `undefined` where the row is not any more as it was read */
  async #recordOn(
    before: KeptRow | undefined,
    claim: Claim,
    now: number,
    refreshAfterMs?: number,
  ): Promise<Recorded | undefined> {
    const { recorded, row } = this.#judge(before, claim, now, refreshAfterMs);
    if (!row) {
      if (claim.verified) this.#newest.see(claim, before?.row.provenAt ?? 0);
      return recorded;
    }
    if (!(await this.#write(claim, row, before?.version))) return undefined;
    this.#notices.tell({ kind: "recorded" });
    return recorded;
  }

  #judge(before: KeptRow | undefined, claim: Claim, now: number, refreshAfterMs?: number) {
    const known = before && { ...before.row, provenAt: this.#newest.newest(claim, before.row.provenAt) };
    return record(known, claim, this.#key.fingerprint, now, refreshAfterMs);
  }

  async #readAll(users: readonly UserKey[]): Promise<Map<string, KeptRow>> {
    if (users.length === 0) return new Map();
    const { rows } = await this.#db.query<RowColumns & { channel_id: string; user_id: string }>(
      `SELECT channel_id, user_id, ${ROW} FROM ${ASKED} JOIN vambe_identity.contact USING (channel_id, user_id)`,
      asked(users),
    );
    return new Map(
      rows.map((row) => {
        const user = { channelId: row.channel_id, userId: row.user_id };
        return [nameOf(user), rowIn(this.#key, user, row)];
      }),
    );
  }

  async #read(user: UserKey): Promise<KeptRow | undefined> {
    const { rows } = await this.#db.query<RowColumns>(
      `SELECT ${ROW} FROM vambe_identity.contact WHERE channel_id = $1 AND user_id = $2`,
      [user.channelId, user.userId],
    );
    return rows[0] && rowIn(this.#key, user, rows[0]);
  }

  /** @returns whether the row was still the one of `version`, or still none */
  async #write(user: UserKey, row: Row, version: number | undefined): Promise<boolean> {
    const values = written(this.#key, user, row);
    const { rowCount } =
      version === undefined
        ? await this.#db.query(
            `INSERT INTO vambe_identity.contact (channel_id, user_id, state, verified, generation, sealed, names,
               confirmed, attempts, proven_at, confirmed_at, next_attempt_at, pending_since)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, ${NOW}, ${NOW}) ON CONFLICT DO NOTHING`,
            [...values, row.provenAt],
          )
        : await this.#db.query(
            `UPDATE vambe_identity.contact SET state = $3, verified = $4, generation = $5, sealed = $6, names = $7,
               confirmed = $8, attempts = $9, proven_at = ${raisedTo("$10")}, version = version + 1,
               next_attempt_at = ${NOW},
               pending_since = CASE state WHEN 'pending' THEN pending_since ELSE ${NOW} END
             WHERE channel_id = $1 AND user_id = $2 AND version = $11`,
            [...values, row.provenAt, version],
          );
    return rowCount === 1;
  }

  /** Nobody else's row changes by it, so it may be done beside any other write. */
  async #raise(seen: readonly SeenProof[]): Promise<void> {
    await this.#db.query(
      `UPDATE vambe_identity.contact AS contact SET proven_at = ${raisedTo("seen.at")}
       FROM unnest($1::text[], $2::text[], $3::bigint[]) AS seen (channel_id, user_id, at)
       WHERE contact.channel_id = seen.channel_id AND contact.user_id = seen.user_id
         AND contact.proven_at <> ${raisedTo("seen.at")}`,
      [
        seen.map(({ channelId }) => channelId),
        seen.map(({ userId }) => userId),
        seen.map(({ provenAt }) => provenAt),
      ],
    );
  }

  /** Writes what is still to be written. */
  async close(): Promise<void> {
    await this.#newest.flush();
  }

  take({ channelId, userId }: UserKey): Promise<Delivery | undefined> {
    return this.#lease(`state = 'pending' AND channel_id = $1 AND user_id = $2 AND ${DUE}`, [
      channelId,
      userId,
    ]);
  }

  /** By way of the index: those whose time has come, then those whose time a clock has set too far ahead. */
  async takeNext(_now: number, which: Which = {}): Promise<Delivery | undefined> {
    return (await this.#takeFirst(`next_attempt_at <= ${NOW}`, which)) ?? this.#takeFirst(TOO_FAR, which);
  }

  #takeFirst(when: string, { except = [], isUntried }: Which): Promise<Delivery | undefined> {
    return this.#lease(
      `(channel_id, user_id) = (SELECT channel_id, user_id FROM vambe_identity.contact
         WHERE state = 'pending' AND channel_id = $2 AND ${when} AND ${FREE}
           AND channel_id || ' ' || user_id <> ALL ($1::text[])
           ${isUntried ? "AND attempts = 0" : ""}
         ORDER BY next_attempt_at LIMIT 1 FOR UPDATE SKIP LOCKED)`,
      [except, this.#channelId],
    );
  }

  /** Those that have waited the longest first, from the one on that this instance has looked at last. */
  async takeWithheld(field: string): Promise<Delivery | undefined> {
    const walk = ofState("withheld", this.#channelId);
    for (const from of new Set([this.#looked ?? walk.from, walk.from])) {
      for await (const { where, values } of rangesOf(this.#db, { ...walk, from })) {
        const [taken] = await this.#leased(
          `(channel_id, user_id) = (SELECT channel_id, user_id FROM vambe_identity.contact
             WHERE ${where} AND ${FREE} AND ${holdsField(`$${values.length + 1}`)}
             ORDER BY pending_since, user_id LIMIT 1 FOR UPDATE SKIP LOCKED)`,
          [...values, field],
        );
        if (!taken) continue;
        this.#looked = [taken.pending_since, taken.user_id];
        return deliveryIn(this.#key, taken);
      }
    }
    return undefined;
  }

  async #lease(where: string, values: unknown[]): Promise<Delivery | undefined> {
    const [taken] = await this.#leased(where, values);
    return taken && deliveryIn(this.#key, taken);
  }

  async #leased(where: string, values: unknown[]) {
    const { rows } = await this.#db.query<TakenColumns & { pending_since: number }>(
      `UPDATE vambe_identity.contact SET lease_until = ${NOW} + ${LEASE_MS} WHERE ${where}
       RETURNING ${TAKEN}, pending_since`,
      values,
    );
    return rows;
  }

  async settle(delivery: Delivery, settlement: Settlement, now: number): Promise<void> {
    for (let settled = false; !settled; ) {
      const before = await this.#read(delivery);
      if (!before || before.lease !== delivery.lease) return;
      const row = settle(before.row, delivery, settlement, this.#key.fingerprint);
      const { rowCount } = await this.#db.query(
        `UPDATE vambe_identity.contact SET state = $3, verified = $4, generation = $5, sealed = $6, names = $7,
           confirmed = $8, attempts = $9, version = version + 1, lease_until = 0, next_attempt_at = ${NOW} + $10,
           contact_id = coalesce($11, contact_id), last_error = $12,
           confirmed_at = CASE WHEN $15 THEN ${NOW} ELSE confirmed_at END,
           pending_since = CASE WHEN $3 = 'idle' THEN NULL ELSE pending_since END
         WHERE channel_id = $1 AND user_id = $2 AND version = $13 AND lease_until = $14`,
        [
          ...written(this.#key, delivery, row),
          Math.round((retryTimeOf(before.row, delivery, settlement) ?? now) - now),
          settlement.kind === "delivered" ? storable(settlement.contactId) : null,
          storable(settlement.error),
          before.version,
          delivery.lease,
          isOfAll(settlement),
        ],
      );
      settled = rowCount === 1;
    }
    const { channelId, userId, generation, traits } = delivery;
    const withheld = settlement.kind === "delivered" ? leftOut(traits, settlement.sent) : undefined;
    const refused = settlement.kind === "delivered" ? settlement.values?.slice() : undefined;
    const rejected = settlement.kind === "rejected" ? true : undefined;
    this.#notices.tell({ kind: "settled", channelId, userId, generation, withheld, refused, rejected });
  }

  /** By way of the indexes, however many rows there are: the one due first of those that are free, or of the others. */
  async nextDueAt(now: number): Promise<number | undefined> {
    const { rows } = await this.#db.query<{ in_ms: number | null }>(
      `SELECT least(
         (SELECT next_attempt_at FROM vambe_identity.contact
          WHERE state = 'pending' AND channel_id = $1 AND ${FREE} ORDER BY next_attempt_at LIMIT 1),
         (SELECT min(greatest(next_attempt_at, lease_until)) FROM vambe_identity.contact
          WHERE state = 'pending' AND channel_id = $1 AND lease_until > 0 AND NOT ${FREE})
       ) - ${NOW} AS in_ms`,
      [this.#channelId],
    );
    const inMs = rows[0]?.in_ms ?? undefined;
    return inMs === undefined ? undefined : now + Math.min(inMs, LONGEST_WAIT_MS);
  }

  wakeAll(): Promise<void> {
    return this.#background.start(`wake ${this.#channelId}`, () =>
      wake(this.#db, this.#notices, this.#channelId),
    );
  }

  reopen(since: number, now: number): Promise<void> {
    const age = now - since;
    return this.#background.start(`reopen ${this.#channelId}`, () =>
      reopen(this.#db, this.#notices, this.#channelId, age),
    );
  }
}
