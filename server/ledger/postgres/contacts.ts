import { within } from "../../within.ts";
import type { Background } from "../background.ts";
import { leftOut } from "../contact-traits.ts";
import type { Bulk } from "../contract/bulk.ts";
import type { Contacts, Look, Recording, Which } from "../contract/contacts.ts";
import type { DataKey } from "../data-key.ts";
import { NewestProofs, type SeenProof } from "../newest-proofs.ts";
import {
  type Claim,
  type Delivery,
  LEASE_MS,
  LONGEST_WAIT_MS,
  type Recorded,
  type Settlement,
} from "../row.ts";
import { isOfAll, record, retryTimeOf, settle } from "../rules.ts";
import { notAmong, type UserKey } from "../user-key.ts";
import type { PostgresDatabase } from "./database.ts";
import type { PostgresLookups } from "./lookups.ts";
import type { PostgresNotices } from "./notices.ts";
import {
  asked,
  DUE,
  deliveryIn,
  FREE,
  holdsField,
  IS_UNFLUSHED,
  type KeptRow,
  NOW,
  raisedTo,
  storable,
  TAKEN,
  type TakenColumns,
  TOO_FAR,
  UNFLUSHED,
} from "./row.ts";
import type { RowGroup } from "./row-group.ts";
import type { Change, Settled } from "./row-writes.ts";
import { ofState, rangesOf } from "./steps.ts";
import { unnested } from "./unnested.ts";
import { reopen, wake } from "./waking.ts";

/** How long a look may take that was begun beside other questions, before the row is asked for by itself. Milliseconds. */
const LOOK_MS = 1000;

class RowLook implements Look {
  readonly row: Promise<KeptRow | undefined>;
  readonly #until = performance.now() + LOOK_MS;

  constructor(row: Promise<KeptRow | undefined>) {
    this.row = row;
    row.catch(() => {});
  }

  /** @throws where it fails, or takes too long */
  found(): Promise<KeptRow | undefined> {
    return within(Math.max(0, this.#until - performance.now()), this.row);
  }
}

const leased = (where: string, more = "") =>
  `UPDATE vambe_identity.contact SET lease_until = ${NOW} + ${LEASE_MS} FROM ${UNFLUSHED}${more}
   WHERE ${IS_UNFLUSHED} AND ${where} RETURNING ${TAKEN}, pending_since`;

const IS_DUE = `state = 'pending' AND ${DUE}`;

/** Waits for whoever has the row locked. */
const ONE = leased(`channel_id = $1 AND user_id = $2 AND ${IS_DUE}`);

/** Each by the index and then by its place, as in row-writes.ts, and none that somebody has locked. */
const SEVERAL = leased(
  "contact.ctid = due.place",
  `, (SELECT found.place FROM ${unnested(["text", "text"])} AS asked (channel_id, user_id), LATERAL (
       SELECT contact.ctid AS place FROM vambe_identity.contact
       WHERE contact.channel_id = asked.channel_id AND contact.user_id = asked.user_id AND ${IS_DUE}
       FOR UPDATE SKIP LOCKED) AS found) AS due`,
);

/** What the rows of all channels have in common. */
export interface ContactsParts {
  db: PostgresDatabase;
  key: DataKey;
  notices: PostgresNotices;
  background: Background;
  lookups: PostgresLookups;
  changes: RowGroup<Change>;
  settled: RowGroup<Settled>;
}

/**
 * Each step is one statement that commits by itself: a row is read, the rules are asked, and it is written only
 * where it is still what was read (`version`), or else once more from the start. What is read at once is one statement, and so
 * is what is written at once. So an instance that is cut off or
 * killed never leaves a lock behind, and what it still has on the way to the server changes nothing that others
 * have changed since.
 */
export class PostgresContacts implements Contacts, Pick<Bulk, "recordAll" | "foresee"> {
  readonly #db: PostgresDatabase;
  readonly #key: DataKey;
  readonly #notices: PostgresNotices;
  readonly #channelId: string;
  readonly #background: Background;
  readonly #lookups: PostgresLookups;
  readonly #changes: RowGroup<Change>;
  readonly #settled: RowGroup<Settled>;
  readonly #newest = new NewestProofs((seen) => this.#raise(seen));
  /** The row that was taken out last to look for a missing field. */
  #looked: readonly unknown[] | undefined;

  /** @param channelId whose rows are carried: those of others are another exchange's */
  constructor({ db, key, notices, background, lookups, changes, settled }: ContactsParts, channelId: string) {
    this.#background = background;
    this.#channelId = channelId;
    this.#db = db;
    this.#key = key;
    this.#notices = notices;
    this.#lookups = lookups;
    this.#changes = changes;
    this.#settled = settled;
  }

  look(user: UserKey): Look {
    return new RowLook(this.#lookups.row(user));
  }

  async record(claim: Claim, now: number, { refreshAfterMs, look }: Recording = {}): Promise<Recorded> {
    let before = await this.#found(claim, look);
    for (let isFirst = true; ; isFirst = false) {
      const { recorded, row } = this.#judge(before, claim, now, refreshAfterMs);
      if (!row) {
        if (claim.verified) this.#newest.see(claim, before?.row.provenAt ?? 0);
        return recorded;
      }
      const change = { user: claim, row, version: before?.version };
      if (await (isFirst ? this.#changes.write(change) : this.#changes.writeAlone(change))) {
        this.#notices.tell({ kind: "recorded" });
        return recorded;
      }
      before = await this.#lookups.row(claim);
    }
  }

  recordAll(claims: readonly Claim[], now: number): Promise<Recorded[]> {
    return Promise.all(claims.map((claim) => this.record(claim, now)));
  }

  foresee(claims: readonly Claim[], now: number): Promise<Recorded[]> {
    return Promise.all(
      claims.map(async (claim) => this.#judge(await this.#lookups.row(claim), claim, now).recorded),
    );
  }

  /** What was looked for goes out with whatever else was asked for then, and waits with that. */
  async #found(claim: Claim, look: Look | undefined): Promise<KeptRow | undefined> {
    if (!(look instanceof RowLook)) return this.#lookups.row(claim);
    return look.found().catch(() => this.#lookups.row(claim));
  }

  #judge(before: KeptRow | undefined, claim: Claim, now: number, refreshAfterMs?: number) {
    const known = before && { ...before.row, provenAt: this.#newest.newest(claim, before.row.provenAt) };
    return record(known, claim, this.#key.fingerprint, now, refreshAfterMs);
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

  async take(users: readonly UserKey[]): Promise<Delivery[]> {
    const taken = users.length > 1 ? await this.#lease(SEVERAL, asked(users)) : [];
    for (const user of notAmong(users, taken)) {
      try {
        taken.push(...(await this.#lease(ONE, [user.channelId, user.userId])));
      } catch (error) {
        // Those that are taken are to be carried.
        if (taken.length === 0) throw error;
        break;
      }
    }
    return taken;
  }

  /** By way of the index: those whose time has come, then those whose time a clock has set too far ahead. */
  async takeNext(_now: number, which: Which = {}): Promise<Delivery | undefined> {
    return (await this.#takeFirst(`next_attempt_at <= ${NOW}`, which)) ?? this.#takeFirst(TOO_FAR, which);
  }

  async #takeFirst(when: string, { except = [], isUntried }: Which): Promise<Delivery | undefined> {
    const where = `(channel_id, user_id) = (SELECT channel_id, user_id FROM vambe_identity.contact
         WHERE state = 'pending' AND channel_id = $2 AND ${when} AND ${FREE}
           AND channel_id || ' ' || user_id <> ALL ($1::text[])
           ${isUntried ? "AND attempts = 0" : ""}
         ORDER BY next_attempt_at LIMIT 1 FOR UPDATE SKIP LOCKED)`;
    const [first] = await this.#lease(leased(where), [except, this.#channelId]);
    return first;
  }

  /** Those that have waited the longest first, from the one on that this instance has looked at last. */
  async takeWithheld(field: string): Promise<Delivery | undefined> {
    const walk = ofState("withheld", this.#channelId);
    for (const from of new Set([this.#looked ?? walk.from, walk.from])) {
      for await (const { where, values } of rangesOf(this.#db, { ...walk, from })) {
        const { rows } = await this.#db.query<TakenColumns & { pending_since: number }>(
          leased(`(channel_id, user_id) = (SELECT channel_id, user_id FROM vambe_identity.contact
             WHERE ${where} AND ${FREE} AND ${holdsField(`$${values.length + 1}`)}
             ORDER BY pending_since, user_id LIMIT 1 FOR UPDATE SKIP LOCKED)`),
          [...values, field],
        );
        const [taken] = rows;
        if (!taken) continue;
        this.#looked = [taken.pending_since, taken.user_id];
        return deliveryIn(this.#key, taken);
      }
    }
    return undefined;
  }

  async #lease(statement: string, values: unknown[]): Promise<Delivery[]> {
    const { rows } = await this.#db.often<TakenColumns>(statement, values);
    return rows.map((taken) => deliveryIn(this.#key, taken));
  }

  async settle(delivery: Delivery, settlement: Settlement, now: number): Promise<void> {
    for (let isFirst = true, isWritten = false; !isWritten; isFirst = false) {
      const before = await this.#lookups.row(delivery);
      if (!before || before.lease !== delivery.lease) return;
      const end = {
        delivery,
        row: settle(before.row, delivery, settlement, this.#key.fingerprint),
        version: before.version,
        inMs: Math.round((retryTimeOf(before.row, delivery, settlement) ?? now) - now),
        contactId: settlement.kind === "delivered" ? storable(settlement.contactId) : null,
        error: storable(settlement.error),
        isOfAll: isOfAll(settlement),
      };
      isWritten = await (isFirst ? this.#settled.write(end) : this.#settled.writeAlone(end));
    }
    const { channelId, userId, generation, traits } = delivery;
    const withheld = settlement.kind === "delivered" ? leftOut(traits, settlement.sent) : undefined;
    const refused = settlement.kind === "delivered" ? settlement.values?.slice() : undefined;
    const rejected = settlement.kind === "rejected" ? true : undefined;
    this.#notices.tell({ kind: "settled", channelId, userId, generation, withheld, refused, rejected });
  }

  /** By way of the indexes, however many rows there are: the one due first of those that are free, or of the others. */
  async nextDueAt(now: number): Promise<number | undefined> {
    const { rows } = await this.#db.often<{ in_ms: number | null }>(
      `WITH leased AS MATERIALIZED (
         SELECT state, channel_id, next_attempt_at, lease_until FROM vambe_identity.contact WHERE lease_until > 0)
       SELECT least(
         (SELECT next_attempt_at FROM vambe_identity.contact
          WHERE state = 'pending' AND channel_id = $1 AND ${FREE} ORDER BY next_attempt_at LIMIT 1),
         (SELECT min(greatest(next_attempt_at, lease_until)) FROM leased
          WHERE state = 'pending' AND channel_id = $1 AND NOT ${FREE})
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
