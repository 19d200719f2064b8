import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import {
  type ErrorCount,
  type Outbox,
  type OutboxCounts,
  type OutboxEntry,
  type OutboxFilter,
  WAITING_STATES,
  type WaitingState,
} from "../contract/outbox.ts";
import { IN_STRETCH, START, stretches } from "./stretches.ts";
import { transaction } from "./transaction.ts";

/** Between two stretches of a command's work, in milliseconds. */
const PAUSE_MS = 20;

export class SqliteOutbox implements Outbox {
  readonly #db: DatabaseSync;

  readonly #channelId: string | undefined;

  /** @param channelId whose rows are carried; `undefined` for a command, which looks at all */
  constructor(db: DatabaseSync, channelId?: string) {
    this.#db = db;
    this.#channelId = channelId;
  }

  async outbox(most = Number.MAX_SAFE_INTEGER): Promise<OutboxCounts> {
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

  /** The second condition is what tells SQLite that it may use the index of those that are not idle. */
  async oldestPending(): Promise<number | undefined> {
    const found = this.#db
      .prepare(
        `SELECT pending_since AS since FROM contact
         WHERE state = 'pending' AND state <> 'idle' AND channel_id = coalesce(:channelId, channel_id)
         ORDER BY pending_since LIMIT 1`,
      )
      .get({ channelId: this.#channelId ?? null });
    return typeof found?.since === "number" ? found.since : undefined;
  }

  /** By way of what waits, in the order of channels: however much of the own channel there is, it is passed over. */
  async ofOtherChannels(most: number): Promise<{ rows: number; channels: string[] }> {
    const found = this.#db
      .prepare(
        `SELECT channel_id, count(*) AS rows FROM
           (SELECT channel_id FROM payload WHERE channel_id < :channelId OR channel_id > :channelId LIMIT :most)
         GROUP BY channel_id ORDER BY channel_id`,
      )
      .all({ channelId: this.#channelId ?? null, most });
    return {
      rows: found.reduce((sum, { rows }) => sum + Number(rows), 0),
      channels: found.map(({ channel_id }) => String(channel_id)),
    };
  }

  async lastErrors(limit: number): Promise<ErrorCount[]> {
    return this.#db
      .prepare(
        `SELECT last_error AS error, count(*) AS rows FROM contact
         WHERE state <> 'idle' AND last_error IS NOT NULL GROUP BY last_error ORDER BY rows DESC, error LIMIT :limit`,
      )
      .all({ limit })
      .map(({ error, rows }) => ({ error: String(error), rows: Number(rows) }));
  }

  /** Each state by way of the index, which has the rows of one in this order. */
  async entries({ state, limit }: OutboxFilter): Promise<OutboxEntry[]> {
    return (state ? [state] : WAITING_STATES)
      .flatMap((one) =>
        this.#db
          .prepare(
            `SELECT channel_id, user_id, state, pending_since, attempts, next_attempt_at, last_error,
               (SELECT names FROM payload AS p WHERE p.channel_id = contact.channel_id AND p.user_id = contact.user_id) AS names
             FROM contact WHERE state = '${one}' AND state <> 'idle'
             ORDER BY pending_since, channel_id, user_id LIMIT :limit`,
          )
          .all({ limit })
          .map(entryIn),
      )
      .sort((a, b) => a.since - b.since || compare(a.channelId, b.channelId) || compare(a.userId, b.userId))
      .slice(0, limit);
  }

  /** All of them a stretch at a time, with pauses: the exchange that runs beside has to come to the database too. */
  async retry(userId: string | undefined, now: number): Promise<number> {
    let concerned = 0;
    if (userId !== undefined)
      concerned = this.#retry("state <> 'idle' AND user_id = :userId", { userId }, now);
    else
      for await (const stretch of stretches(this.#db, START, PAUSE_MS))
        concerned += this.#retry(IN_STRETCH, { ...stretch }, now);
    return concerned;
  }

  #retry(where: string, which: Record<string, string>, now: number): number {
    const { changes } = this.#db
      .prepare(
        `UPDATE contact SET state = 'pending', attempts = 0, next_attempt_at = :now,
           pending_since = CASE state WHEN 'pending' THEN pending_since ELSE :now END
         WHERE ${where} AND state IN ('pending', 'rejected')`,
      )
      .run({ ...which, now });
    const withheld = this.#db
      .prepare(`SELECT count(*) AS count FROM contact WHERE ${where} AND state = 'withheld'`)
      .get(which)?.count;
    if (Number(withheld) > 0)
      this.#db.prepare("UPDATE missing_field SET probe_at = :now WHERE probe_at > :now").run({ now });
    return Number(changes) + Number(withheld);
  }

  async forget(userId: string): Promise<boolean> {
    return transaction(this.#db, () => {
      const { changes } = this.#db.prepare("DELETE FROM contact WHERE user_id = :userId").run({ userId });
      this.#db.prepare("DELETE FROM payload WHERE user_id = :userId").run({ userId });
      return Number(changes) > 0;
    });
  }
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

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
