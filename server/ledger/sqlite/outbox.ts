import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import type { ContactTraits } from "../contact-traits.ts";
import {
  ERRORS_IN,
  type ErrorCount,
  MOST_COUNTED,
  type Move,
  type Moved,
  type Outbox,
  type OutboxCounts,
  type OutboxEntry,
  type OutboxFilter,
  type Resent,
  WAITING_STATES,
  type WaitingState,
} from "../contract/outbox.ts";
import type { DataKey } from "../data-key.ts";
import { longestFirst } from "../longest-first.ts";
import type { UserKey } from "../user-key.ts";
import { move } from "./move.ts";
import { patiently } from "./patiently.ts";
import { readRow } from "./row.ts";
import { prepared } from "./statements.ts";
import { BESIDE_AN_EXCHANGE, changeInSteps, channelsOf, EVERY_ROW, ofState, type Range } from "./steps.ts";
import { transaction } from "./transaction.ts";

/** A user's rows, without a look at others': one search for each channel that there is, in the order of the keys. */
export const IS_USER = `user_id = :userId AND channel_id IN (
  WITH RECURSIVE channel (id) AS (
    SELECT min(channel_id) FROM contact
    UNION ALL SELECT (SELECT min(channel_id) FROM contact WHERE channel_id > channel.id) FROM channel WHERE id IS NOT NULL)
  SELECT id FROM channel WHERE id IS NOT NULL)`;

export class SqliteOutbox implements Outbox {
  readonly #db: DatabaseSync;

  readonly #carried: readonly string[];

  /** @param carried the channels whose rows are carried; none for a command, which looks at all */
  constructor(db: DatabaseSync, carried: readonly string[]) {
    this.#db = db;
    this.#carried = [...carried].sort();
  }

  async outbox(most = MOST_COUNTED): Promise<OutboxCounts> {
    const count = (state: WaitingState) =>
      Number(
        this.#db
          .prepare(
            `SELECT count(*) AS count FROM
               (SELECT 1 FROM contact WHERE state = '${state}' AND state <> 'idle' LIMIT :most)`,
          )
          .get({ most })?.count,
      );
    return { pending: count("pending"), withheld: count("withheld"), rejected: count("rejected") };
  }

  async oldestPending(): Promise<number | undefined> {
    const oldest = this.#db.prepare(
      `SELECT pending_since AS since FROM contact
       WHERE state = 'pending' AND state <> 'idle' AND channel_id = :channelId ORDER BY pending_since LIMIT 1`,
    );
    const channels = this.#carried.length === 0 ? channelsOf(this.#db, "pending") : this.#carried;
    const times = channels
      .map((channelId) => oldest.get({ channelId })?.since)
      .filter((since) => typeof since === "number");
    return times.length > 0 ? Math.min(...times) : undefined;
  }

  /** By way of what waits, in the order of channels: however much there is of those that are carried, it is passed over. */
  async ofOtherChannels(most: number): Promise<{ rows: number; channels: string[] }> {
    const between = this.#carried.map((_, at) =>
      at === 0 ? "channel_id < :c0" : `channel_id > :c${at - 1} AND channel_id < :c${at}`,
    );
    const after = this.#carried.length - 1;
    const others = after < 0 ? "false" : [...between, `channel_id > :c${after}`].join(" OR ");
    const found = this.#db
      .prepare(
        `SELECT channel_id, count(*) AS rows FROM (SELECT channel_id FROM payload WHERE ${others} LIMIT :most)
         GROUP BY channel_id ORDER BY channel_id`,
      )
      .all({ ...Object.fromEntries(this.#carried.map((channelId, at) => [`c${at}`, channelId])), most });
    return {
      rows: found.reduce((sum, { rows }) => sum + Number(rows), 0),
      channels: found.map(({ channel_id }) => String(channel_id)),
    };
  }

  async lastErrors(limit: number): Promise<ErrorCount[]> {
    const some = WAITING_STATES.map(
      (state) =>
        `SELECT * FROM (SELECT last_error AS error FROM contact INDEXED BY contact_left
           WHERE state = '${state}' AND state <> 'idle' LIMIT ${ERRORS_IN})`,
    );
    return this.#db
      .prepare(
        `SELECT error, count(*) AS rows FROM (${some.join(" UNION ALL ")})
         WHERE error IS NOT NULL GROUP BY error ORDER BY rows DESC, error LIMIT :limit`,
      )
      .all({ limit })
      .map(({ error, rows }) => ({ error: String(error), rows: Number(rows) }));
  }

  /** Each state of each channel by way of the index, which has these rows in this order. */
  async entries({ state, limit }: OutboxFilter): Promise<OutboxEntry[]> {
    const entries = (state ? [state] : WAITING_STATES).flatMap((one) =>
      channelsOf(this.#db, one).flatMap((channelId) =>
        this.#db
          .prepare(
            `SELECT channel_id, user_id, state, pending_since, attempts, next_attempt_at, last_error,
               (SELECT names FROM payload AS p WHERE p.channel_id = contact.channel_id AND p.user_id = contact.user_id) AS names
             FROM contact WHERE state = '${one}' AND state <> 'idle' AND channel_id = :channelId
             ORDER BY pending_since, user_id LIMIT :limit`,
          )
          .all({ channelId, limit })
          .map(entryIn),
      ),
    );
    return longestFirst(entries, limit);
  }

  /** Step by step, with pauses: the exchange that runs beside has to come to the database too. */
  async retry(userId: string | undefined, now: number): Promise<number> {
    if (userId !== undefined) return this.#retryOne(userId, now);
    let concerned = 0;
    const retry = (range: Range) => this.#retry(range, now);
    // Those that were rejected come to those that were pending, and are not met again.
    for (const state of ["pending", "rejected"] as const)
      for await (const { result } of changeInSteps(this.#db, ofState(state), retry, BESIDE_AN_EXCHANGE))
        concerned += result;
    const { withheld } = await this.outbox();
    if (withheld > 0) await this.#lookForFields(now);
    return concerned + withheld;
  }

  async #retryOne(userId: string, now: number): Promise<number> {
    const which = { contact: "contact", where: IS_USER, parameters: { userId } };
    const changed = await transaction(this.#db, () => this.#retry(which, now));
    const withheld = this.#db
      .prepare(`SELECT count(*) AS count FROM contact WHERE ${IS_USER} AND state = 'withheld'`)
      .get({ userId })?.count;
    if (Number(withheld) > 0) await this.#lookForFields(now);
    return changed + Number(withheld);
  }

  /** Those that are due already, as an earlier call has left them, are counted and not written once more. */
  #retry({ contact, where, parameters }: Omit<Range, "to">, now: number): number {
    const which = `${where} AND state IN ('pending', 'rejected')`;
    const found = prepared(this.#db, `SELECT count(*) AS count FROM ${contact} WHERE ${which}`);
    const count = Number(found.get(parameters)?.count);
    prepared(
      this.#db,
      `UPDATE ${contact} SET state = 'pending', attempts = 0, next_attempt_at = :now,
         pending_since = CASE state WHEN 'pending' THEN pending_since ELSE :now END
       WHERE ${which} AND (state = 'rejected' OR attempts > 0 OR next_attempt_at > :now)`,
    ).run({ ...parameters, now });
    return count;
  }

  async #lookForFields(now: number): Promise<void> {
    const look = this.#db.prepare("UPDATE missing_field SET probe_at = :now WHERE probe_at > :now");
    await patiently(this.#db, () => look.run({ now }));
  }

  async resend(userId: string | undefined, now: number): Promise<Resent> {
    let rows = 0;
    if (userId === undefined) {
      const forget = (range: Range) => this.#forgetConfirmed(range);
      for await (const { result } of changeInSteps(this.#db, EVERY_ROW, forget, BESIDE_AN_EXCHANGE))
        rows += result;
    } else {
      const which = { contact: "contact", where: IS_USER, parameters: { userId } };
      rows = await transaction(this.#db, () => this.#forgetConfirmed(which));
    }
    return { rows, due: await this.retry(userId, now) };
  }

  #forgetConfirmed({ contact, where, parameters }: Omit<Range, "to">): number {
    prepared(this.#db, `UPDATE ${contact} SET confirmed = '{}' WHERE ${where} AND confirmed <> '{}'`).run(
      parameters,
    );
    const found = prepared(this.#db, `SELECT count(*) AS count FROM ${contact} WHERE ${where}`);
    return Number(found.get(parameters)?.count);
  }

  move(what: Move, key: DataKey, now: number): Promise<Moved> {
    return move(this.#db, what, key, now);
  }

  async valuesOf(user: UserKey, key: DataKey): Promise<ContactTraits> {
    return readRow(this.#db, key, user, Date.now())?.pending ?? {};
  }

  async forget(userId: string): Promise<boolean> {
    return transaction(this.#db, () => {
      // First what hangs on the rows: they name the channels.
      this.#db.prepare(`DELETE FROM payload WHERE ${IS_USER}`).run({ userId });
      const { changes } = this.#db.prepare(`DELETE FROM contact WHERE ${IS_USER}`).run({ userId });
      return Number(changes) > 0;
    });
  }
}

const entryIn = (row: Record<string, SQLOutputValue>): OutboxEntry => ({
  channelId: String(row.channel_id),
  userId: String(row.user_id),
  state: row.state as WaitingState,
  since: Number(row.pending_since),
  attempts: Number(row.attempts),
  dueAt: Number(row.next_attempt_at),
  lastError: row.last_error === null ? undefined : String(row.last_error),
  traits: row.names === null ? [] : JSON.parse(String(row.names)),
});
