import { hash } from "node:crypto";
import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import { BoundedMap } from "../../bounded-map.ts";
import type { Background } from "../background.ts";
import type { Bulk } from "../contract/bulk.ts";
import type { Contacts, Recording, Which } from "../contract/contacts.ts";
import type { DataKey } from "../data-key.ts";
import { NewestProofs, type SeenProof } from "../newest-proofs.ts";
import { isRefreshDue } from "../refresh.ts";
import {
  type Claim,
  type Delivery,
  LEASE_MS,
  LONGEST_WAIT_MS,
  PROVEN_AHEAD_MS,
  type Recorded,
  type Row,
  type Settlement,
} from "../row.ts";
import { isConfirmed, isOfAll, record, retryTimeOf, settle } from "../rules.ts";
import type { UserKey } from "../user-key.ts";
import type { GroupCommit } from "./group-commit.ts";
import { patiently } from "./patiently.ts";
import { eraseIfEmpty, writePayload } from "./payload.ts";
import { DUE, FREE, HOLDS_FIELD, keyOf, readConfirmed, readRow, TOO_FAR, traitsIn, written } from "./row.ts";
import { stateOf } from "./state-of.ts";
import { prepared } from "./statements.ts";
import { ofState, rangesOf } from "./steps.ts";
import { transaction } from "./transaction.ts";
import { freeLeases, reopen, wake } from "./waking.ts";
import { writePending } from "./write-pending.ts";

/** Without waiting for the disk: a lease that a power cut takes back is one that nobody holds any more. */
function unflushed<T>(db: DatabaseSync, write: () => T): T {
  db.exec("PRAGMA synchronous = NORMAL");
  try {
    return write();
  } finally {
    db.exec("PRAGMA synchronous = FULL");
  }
}

/** Of so many claims it is known that they are confirmed: some 500 bytes each. */
const MOST_CONFIRMED = 20_000;

interface Confirmed {
  /** Of the database, as `stateOf` has it. */
  state: number;
  /** All that was confirmed of the user then, as the row has it. */
  digests: string;
  /** When Vambe has taken it, and the newest proof that the row has been seen with. Milliseconds since the epoch. */
  at: number;
  provenAt: number;
}

export class SqliteContacts implements Contacts, Pick<Bulk, "recordAll" | "foresee"> {
  readonly #db: DatabaseSync;
  readonly #key: DataKey;
  readonly #group: GroupCommit;
  readonly #newest = new NewestProofs((seen) => this.#raise(seen));
  readonly #channelId: string;
  readonly #background: Background;
  /** What was confirmed in a state of the database, by a digest of what is claimed: another proof of the same is no news. */
  readonly #confirmed = new BoundedMap<Confirmed>(MOST_CONFIRMED);
  /** The row that was taken out last to look for a missing field. */
  #looked: readonly SQLInputValue[] | undefined;

  /** @param channelId whose rows are carried: those of others are another exchange's */
  constructor(db: DatabaseSync, key: DataKey, channelId: string, background: Background, group: GroupCommit) {
    this.#db = db;
    this.#group = group;
    this.#background = background;
    this.#key = key;
    this.#channelId = channelId;
  }

  /** To look is no question to anybody. */
  look(): undefined {}

  async record(claim: Claim, now: number, { refreshAfterMs }: Recording = {}): Promise<Recorded> {
    const known = this.#look(claim, now, refreshAfterMs);
    return known ?? this.#group.write(() => this.#write(claim, now, refreshAfterMs));
  }

  async recordAll(claims: readonly Claim[], now: number): Promise<Recorded[]> {
    const known = claims.map((claim) => this.#look(claim, now));
    if (known.every((recorded) => recorded !== undefined)) return known;
    return transaction(this.#db, () =>
      claims.map((claim, at) => known[at] ?? this.#write(claim, now, undefined)),
    );
  }

  async foresee(claims: readonly Claim[], now: number): Promise<Recorded[]> {
    return claims.map((claim) => record(this.#row(claim, now), claim, this.#key.fingerprint, now).recorded);
  }

  /** What there is to say without a write; `undefined` where one is needed. */
  #look(claim: Claim, now: number, refreshAfterMs?: number): Recorded | undefined {
    const confirmed = this.#confirmedAs(claim);
    if (confirmed && !isRefreshDue({ confirmedAgoMs: now - confirmed.at }, claim, refreshAfterMs)) {
      this.#newest.see(claim, confirmed.provenAt);
      return { outcome: "unchanged", withheld: [] };
    }
    const before = this.#row(claim, now);
    const { recorded, row } = record(before, claim, this.#key.fingerprint, now, refreshAfterMs);
    if (row) return undefined;
    if (claim.verified) this.#newest.see(claim, before?.provenAt ?? 0);
    return recorded;
  }

  /** Where Vambe has confirmed all that a claim says, and nothing else is to be done for its user. */
  #confirmedAs(claim: Claim): Confirmed | undefined {
    const state = stateOf(this.#db);
    const { channelId, userId, verified, traits } = claim;
    const name = hash("sha256", JSON.stringify([channelId, userId, verified, traits]), "base64url");
    const before = this.#confirmed.peek(name);
    if (before?.state === state) return before;
    const idle = readConfirmed(this.#db, claim);
    if (!idle) return undefined;
    const { digests, confirmedAt: at, provenAt } = idle;
    // What was written since has mostly been about others, and to make digests takes longest.
    const isAsBefore = before?.digests === digests;
    if (!isAsBefore && !isConfirmed(JSON.parse(digests), claim, this.#key.fingerprint)) return undefined;
    const confirmed = { state, digests, at, provenAt };
    this.#confirmed.set(name, confirmed);
    return confirmed;
  }

  /** In a transaction. */
  #write(claim: Claim, now: number, refreshAfterMs: number | undefined): Recorded {
    const known = this.#row(claim, now);
    const { recorded, row } = record(known, claim, this.#key.fingerprint, now, refreshAfterMs);
    if (row) writePending(this.#db, this.#key, claim, row, now);
    return recorded;
  }

  /** With what has been seen of its proofs and is not written yet. */
  #row(key: UserKey, now: number): (Row & { lease: number }) | undefined {
    const row = readRow(this.#db, this.#key, key, now);
    return row && { ...row, provenAt: this.#newest.newest(key, row.provenAt) };
  }

  async #raise(seen: readonly SeenProof[]): Promise<void> {
    const latest = Date.now() + PROVEN_AHEAD_MS;
    await transaction(this.#db, () => {
      const raise = this.#db.prepare(
        `UPDATE contact SET proven_at = :provenAt
         WHERE channel_id = :channelId AND user_id = :userId AND (proven_at < :provenAt OR proven_at > :latest)`,
      );
      for (const { channelId, userId, provenAt } of seen) raise.run({ channelId, userId, provenAt, latest });
    });
  }

  /** Writes what is still to be written. */
  async close(): Promise<void> {
    await this.#newest.flush();
  }

  async take(users: readonly UserKey[], now: number): Promise<Delivery[]> {
    const names = users.map(({ channelId, userId }) => [channelId, userId]);
    return this.#lease(
      `(channel_id, user_id) IN (SELECT value ->> 0, value ->> 1 FROM json_each(:users)) AND state = 'pending' AND ${DUE}`,
      { users: JSON.stringify(names), now },
    );
  }

  /** By way of the index: those whose time has come, then those whose time a clock has set too far ahead. */
  async takeNext(now: number, which: Which = {}): Promise<Delivery | undefined> {
    return (
      (await this.#takeFirst("next_attempt_at <= :now", now, which)) ?? this.#takeFirst(TOO_FAR, now, which)
    );
  }

  async #takeFirst(
    when: string,
    now: number,
    { except = [], isUntried }: Which,
  ): Promise<Delivery | undefined> {
    const [first] = await this.#lease(
      `(channel_id, user_id) = (SELECT channel_id, user_id FROM contact ${isUntried ? "INDEXED BY contact_untried" : ""}
         WHERE state = 'pending' AND channel_id = :channelId AND ${when} AND ${FREE}${isUntried ? " AND attempts = 0" : ""}
           AND channel_id || ' ' || user_id NOT IN (SELECT value FROM json_each(:except))
         ORDER BY next_attempt_at LIMIT 1)`,
      { now, channelId: this.#channelId, except: JSON.stringify(except) },
    );
    return first;
  }

  /** Those that have waited the longest first, from the one on that was looked at last. */
  async takeWithheld(field: string, now: number): Promise<Delivery | undefined> {
    const walk = ofState("withheld", this.#channelId);
    for (const from of new Set([this.#looked ?? walk.from, walk.from])) {
      for await (const { contact, where, parameters } of rangesOf(this.#db, { ...walk, from })) {
        const look = this.#db.prepare(
          `SELECT pending_since, user_id FROM ${contact} WHERE ${where} AND ${FREE} AND ${HOLDS_FIELD}
           ORDER BY pending_since, user_id LIMIT 1`,
        );
        const find = () => look.get({ ...parameters, now, field });
        // Again where somebody else has had it meanwhile.
        for (let found = find(); found; found = find()) {
          const [delivery] = await this.#lease(
            `state = 'withheld' AND channel_id = :channelId AND user_id = :userId AND ${FREE}`,
            { channelId: this.#channelId, userId: String(found.user_id), now },
          );
          if (!delivery) continue;
          this.#looked = [found.pending_since ?? 0, delivery.userId];
          return delivery;
        }
      }
    }
    return undefined;
  }

  async #lease(where: string, parameters: Record<string, string | number>): Promise<Delivery[]> {
    const lease = prepared(
      this.#db,
      `UPDATE contact SET lease_until = :now + ${LEASE_MS} WHERE ${where}
         RETURNING channel_id, user_id, generation, attempts, lease_until,
           (SELECT sealed FROM payload AS p WHERE p.channel_id = contact.channel_id AND p.user_id = contact.user_id) AS sealed`,
    );
    // Not `get`, which returns a row before SQLite commits, and says nothing where that fails: a full disk does.
    const taken = await patiently(this.#db, () => unflushed(this.#db, () => lease.all(parameters)));
    return taken.map((row) => {
      const user = { channelId: String(row.channel_id), userId: String(row.user_id) };
      return {
        ...user,
        generation: Number(row.generation),
        lease: Number(row.lease_until),
        traits: traitsIn(this.#key, user, row.sealed),
        attempts: Number(row.attempts),
      };
    });
  }

  async settle(delivery: Delivery, settlement: Settlement, now: number): Promise<void> {
    await this.#group.write(() => {
      const before = readRow(this.#db, this.#key, delivery, now);
      if (!before || before.lease !== delivery.lease) return;
      const row = settle(before, delivery, settlement, this.#key.fingerprint);
      prepared(
        this.#db,
        `UPDATE contact SET state = :state, generation = :generation, verified = :verified,
             confirmed = :confirmed, attempts = :attempts, proven_at = :provenAt, lease_until = 0, next_attempt_at = :nextAttemptAt,
             contact_id = coalesce(:contactId, contact_id), last_error = :error,
             confirmed_at = iif(:isOfAll, :now, confirmed_at),
             pending_since = CASE WHEN :state = 'idle' THEN NULL ELSE pending_since END
           WHERE channel_id = :channelId AND user_id = :userId`,
      ).run({
        ...keyOf(delivery),
        ...written(row),
        nextAttemptAt: retryTimeOf(before, delivery, settlement) ?? now,
        contactId: settlement.kind === "delivered" ? (settlement.contactId ?? null) : null,
        error: settlement.error ?? null,
        isOfAll: isOfAll(settlement) ? 1 : 0,
        now,
      });
      writePayload(this.#db, this.#key, delivery, row.pending);
      eraseIfEmpty(this.#db);
    });
  }

  /** By way of the index: the one due first of those that are free; where none is due, the leased ones are few. */
  async nextDueAt(now: number): Promise<number | undefined> {
    const free = prepared(
      this.#db,
      `SELECT next_attempt_at AS at FROM contact
       WHERE state = 'pending' AND channel_id = :channelId AND ${FREE} ORDER BY next_attempt_at LIMIT 1`,
    ).get({ now, channelId: this.#channelId })?.at;
    if (typeof free === "number" && free <= now) return free;
    const leased = prepared(
      this.#db,
      `SELECT min(lease_until) AS at FROM contact
       WHERE state = 'pending' AND channel_id = :channelId AND next_attempt_at <= :now AND NOT ${FREE}`,
    ).get({ now, channelId: this.#channelId })?.at;
    const times = [free, leased].filter((at) => typeof at === "number");
    return times.length > 0 ? Math.min(...times, now + LONGEST_WAIT_MS) : undefined;
  }

  wakeAll(now: number): Promise<void> {
    return this.#background.start(`wake ${this.#channelId}`, () => wake(this.#db, this.#channelId, now));
  }

  reopen(since: number, now: number): Promise<void> {
    return this.#background.start(`reopen ${this.#channelId}`, () =>
      reopen(this.#db, this.#channelId, since, now),
    );
  }

  /** What a process before has left under way is free. */
  freeLeases(now: number): Promise<void> {
    return this.#background.start("leases", () => freeLeases(this.#db, now));
  }
}
