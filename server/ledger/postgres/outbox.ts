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
import type { PostgresDatabase } from "./database.ts";
import { move } from "./move.ts";
import type { PostgresNotices } from "./notices.ts";
import { forgetConfirmed } from "./resend.ts";
import { NOW, traitsIn } from "./row.ts";
import { changeInSteps, channelsOf, firstOf, ofState } from "./steps.ts";

/** Those that are due already, as an earlier call has left them, are not written once more. */
const RETRY = {
  set: `state = 'pending', attempts = 0, next_attempt_at = ${NOW}, version = version + 1,
    pending_since = CASE state WHEN 'pending' THEN pending_since ELSE ${NOW} END`,
  where: `(state = 'rejected' OR attempts > 0 OR next_attempt_at > ${NOW})`,
};

/** The times in it are the database's. */
export class PostgresOutbox implements Outbox {
  readonly #db: PostgresDatabase;
  readonly #notices: PostgresNotices;

  readonly #carried: readonly string[];

  /** @param carried the channels whose rows are carried; none for a command, which looks at all */
  constructor(db: PostgresDatabase, notices: PostgresNotices, carried: readonly string[]) {
    this.#db = db;
    this.#notices = notices;
    this.#carried = carried;
  }

  async outbox(most = MOST_COUNTED): Promise<OutboxCounts> {
    const count = (state: WaitingState) =>
      `(SELECT count(*) FROM (SELECT 1 FROM vambe_identity.contact
         WHERE state = '${state}' AND state <> 'idle' LIMIT $1) AS counted) AS ${state}`;
    const { rows } = await this.#db.query<OutboxCounts>(`SELECT ${WAITING_STATES.map(count).join(", ")}`, [
      most,
    ]);
    return rows[0] ?? { pending: 0, withheld: 0, rejected: 0 };
  }

  async oldestPending(): Promise<number | undefined> {
    const channels = this.#carried.length === 0 ? await channelsOf(this.#db, "pending") : this.#carried;
    const times: number[] = [];
    for (const channelId of channels) {
      const { rows } = await this.#db.query<{ since: number }>(
        `SELECT pending_since AS since FROM vambe_identity.contact
         WHERE state = 'pending' AND state <> 'idle' AND channel_id = $1 ORDER BY pending_since LIMIT 1`,
        [channelId],
      );
      times.push(...rows.map(({ since }) => since));
    }
    return times.length > 0 ? Math.min(...times) : undefined;
  }

  /** Before, between and behind those that are carried, which may have any number of rows: they are passed over. */
  async ofOtherChannels(most: number): Promise<{ rows: number; channels: string[] }> {
    const last = this.#carried.length;
    if (last === 0) return { rows: 0, channels: [] };
    // In the order that the database has them in, whatever its collation.
    const { rows: carried } = await this.#db.query<{ id: string }>(
      "SELECT id FROM unnest($1::text[]) AS carried (id) ORDER BY id",
      [this.#carried],
    );
    const gaps = carried.map((_, at) =>
      at === 0 ? "channel_id < $2" : `channel_id > $${at + 1} AND channel_id < $${at + 2}`,
    );
    const sides = WAITING_STATES.flatMap((state) =>
      [...gaps, `channel_id > $${last + 1}`].map(
        (gap) =>
          `(SELECT channel_id FROM vambe_identity.contact
            WHERE state = '${state}' AND state <> 'idle' AND ${gap} ORDER BY channel_id LIMIT $1)`,
      ),
    );
    const { rows } = await this.#db.query<{ channel_id: string; rows: number }>(
      `SELECT channel_id, count(*)::int AS rows FROM
         (SELECT channel_id FROM (${sides.join(" UNION ALL ")}) AS sides LIMIT $1) AS others
       GROUP BY channel_id ORDER BY channel_id COLLATE "C"`,
      [most, ...carried.map(({ id }) => id)],
    );
    return {
      rows: rows.reduce((sum, each) => sum + each.rows, 0),
      channels: rows.map(({ channel_id }) => channel_id),
    };
  }

  async lastErrors(limit: number): Promise<ErrorCount[]> {
    const some = WAITING_STATES.map(
      (state) =>
        `(SELECT last_error FROM vambe_identity.contact WHERE state = '${state}' AND state <> 'idle' LIMIT ${ERRORS_IN})`,
    );
    const { rows } = await this.#db.query<{ error: string; rows: number }>(
      `SELECT last_error AS error, count(*) AS rows FROM (${some.join(" UNION ALL ")}) AS looked_at
       WHERE last_error IS NOT NULL
       GROUP BY last_error ORDER BY rows DESC, last_error COLLATE "C" LIMIT $1`,
      [limit],
    );
    return rows;
  }

  /** Each state of each channel by way of the index, which has these rows in this order. */
  async entries({ state, limit }: OutboxFilter): Promise<OutboxEntry[]> {
    const entries: OutboxEntry[] = [];
    for (const one of state ? [state] : WAITING_STATES) {
      for (const channelId of await channelsOf(this.#db, one)) {
        const rows = await firstOf<EntryColumns>(this.#db, ofState(one, channelId), limit, ENTRY);
        entries.push(...rows.map(entryIn));
      }
    }
    return longestFirst(entries, limit);
  }

  async retry(userId: string | undefined, now: number): Promise<number> {
    let concerned = 0;
    let withheld = 0;
    if (userId === undefined) {
      // Those that were rejected come to those that were pending, and are not met again.
      for (const state of ["pending", "rejected"] as const)
        for await (const { met } of changeInSteps(this.#db, ofState(state), RETRY)) concerned += met;
      ({ withheld } = await this.outbox(MOST_COUNTED));
    } else {
      const { rows } = await this.#db.query<{ state: WaitingState }>(
        "SELECT state FROM vambe_identity.contact WHERE state <> 'idle' AND user_id = $1",
        [userId],
      );
      withheld = rows.filter(({ state }) => state === "withheld").length;
      concerned = rows.length - withheld;
      await this.#db.query(
        `UPDATE vambe_identity.contact AS contact SET ${RETRY.set} WHERE user_id = $1 AND state IN ('pending', 'rejected') AND ${RETRY.where}`,
        [userId],
      );
    }
    if (withheld > 0)
      await this.#db.query("UPDATE vambe_identity.missing_field SET probe_at = $1 WHERE probe_at > $1", [
        now,
      ]);
    this.#notices.tell({ kind: "due" });
    return concerned + withheld;
  }

  async resend(userId: string | undefined, now: number): Promise<Resent> {
    const rows = await forgetConfirmed(this.#db, userId);
    return { rows, due: await this.retry(userId, now) };
  }

  async move(what: Move, key: DataKey): Promise<Moved> {
    const all = await move(this.#db, what, key);
    this.#notices.tell({ kind: "due" });
    return all;
  }

  async valuesOf(user: UserKey, key: DataKey): Promise<ContactTraits> {
    const { rows } = await this.#db.query<{ sealed: Buffer | null }>(
      "SELECT sealed FROM vambe_identity.contact WHERE channel_id = $1 AND user_id = $2",
      [user.channelId, user.userId],
    );
    return traitsIn(key, user, rows[0]?.sealed ?? null);
  }

  async forget(userId: string): Promise<boolean> {
    const { rowCount } = await this.#db.query("DELETE FROM vambe_identity.contact WHERE user_id = $1", [
      userId,
    ]);
    return (rowCount ?? 0) > 0;
  }
}

const ENTRY = "channel_id, user_id, state, pending_since, attempts, next_attempt_at, last_error, names";

interface EntryColumns {
  channel_id: string;
  user_id: string;
  state: WaitingState;
  pending_since: number;
  attempts: number;
  next_attempt_at: number;
  last_error: string | null;
  names: string[];
}

const entryIn = (row: EntryColumns): OutboxEntry => ({
  channelId: row.channel_id,
  userId: row.user_id,
  state: row.state,
  since: row.pending_since,
  attempts: row.attempts,
  dueAt: row.next_attempt_at,
  lastError: row.last_error ?? undefined,
  traits: row.names,
});
