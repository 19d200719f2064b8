import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import type {
  ErrorCount,
  Outbox,
  OutboxCounts,
  OutboxEntry,
  OutboxFilter,
  WaitingState,
} from "../contract/outbox.ts";
import { transaction } from "./database.ts";
import { rewritePayload } from "./payload.ts";
import { traitsIn } from "./row.ts";

export class SqliteOutbox implements Outbox {
  readonly #db: DatabaseSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  async outbox(): Promise<OutboxCounts> {
    const counts: OutboxCounts = { pending: 0, withheld: 0, rejected: 0 };
    for (const { state, count } of this.#db
      .prepare("SELECT state, count(*) AS count FROM contact WHERE state <> 'idle' GROUP BY state")
      .all()) {
      counts[state as WaitingState] = Number(count);
    }
    return counts;
  }

  /** The second condition is what tells SQLite that it may use the index of those that are not idle. */
  async oldestPending(): Promise<number | undefined> {
    const found = this.#db
      .prepare("SELECT min(pending_since) AS since FROM contact WHERE state = 'pending' AND state <> 'idle'")
      .get();
    return typeof found?.since === "number" ? found.since : undefined;
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

  async entries({ state, limit }: OutboxFilter): Promise<OutboxEntry[]> {
    return this.#db
      .prepare(
        `SELECT channel_id, user_id, state, pending_since, attempts, next_attempt_at, last_error, traits
         FROM contact LEFT JOIN payload USING (channel_id, user_id)
         WHERE state <> 'idle' AND (:state IS NULL OR state = :state)
         ORDER BY pending_since, channel_id, user_id LIMIT :limit`,
      )
      .all({ state: state ?? null, limit })
      .map(entryIn);
  }

  async retry(userId: string | undefined, now: number): Promise<number> {
    return transaction(this.#db, () => {
      const whose = { userId: userId ?? null };
      const { changes } = this.#db
        .prepare(
          `UPDATE contact SET state = 'pending', attempts = 0, next_attempt_at = :now,
             pending_since = CASE state WHEN 'pending' THEN pending_since ELSE :now END
           WHERE state IN ('pending', 'rejected') AND (:userId IS NULL OR user_id = :userId)`,
        )
        .run({ ...whose, now });
      const withheld = this.#db
        .prepare(
          `SELECT count(*) AS count FROM contact
           WHERE state = 'withheld' AND (:userId IS NULL OR user_id = :userId)`,
        )
        .get(whose);
      const looked = Number(withheld?.count);
      if (looked > 0)
        this.#db.prepare("UPDATE missing_field SET probe_at = :now WHERE probe_at > :now").run({ now });
      return Number(changes) + looked;
    });
  }

  async forget(userId: string): Promise<boolean> {
    const { changes } = transaction(this.#db, () => {
      const deleted = this.#db.prepare("DELETE FROM contact WHERE user_id = :userId").run({ userId });
      this.#db.prepare("DELETE FROM payload WHERE user_id = :userId").run({ userId });
      rewritePayload(this.#db);
      return deleted;
    });
    // The write-ahead log still holds what is erased.
    this.#db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    return Number(changes) > 0;
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
  traits: Object.keys(traitsIn(row.traits)),
});
