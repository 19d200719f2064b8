import type { Counted, Counting, Notice, Shared, Turns } from "../contract/shared.ts";
import { type Delivery, LEASE_MS } from "../row.ts";
import type { UserKey } from "../user-key.ts";
import type { PostgresDatabase } from "./database.ts";
import type { PostgresLookups } from "./lookups.ts";
import type { PostgresNotices } from "./notices.ts";
import { takeTurns } from "./pace.ts";
import { FREE, IS_UNFLUSHED, NOW, UNFLUSHED } from "./row.ts";

export class PostgresShared implements Shared {
  readonly #db: PostgresDatabase;
  readonly #notices: PostgresNotices;
  readonly #lookups: PostgresLookups;

  constructor(db: PostgresDatabase, notices: PostgresNotices, lookups: PostgresLookups) {
    this.#db = db;
    this.#lookups = lookups;
    this.#notices = notices;
  }

  listen(hear: (notice: Notice) => void): void {
    this.#notices.listen(hear);
  }

  async isUnderWay({ channelId, userId }: UserKey): Promise<boolean> {
    const { rows } = await this.#db.query(
      `SELECT 1 FROM vambe_identity.contact WHERE channel_id = $1 AND user_id = $2 AND NOT ${FREE}`,
      [channelId, userId],
    );
    return rows.length > 0;
  }

  async renew({ channelId, userId, lease }: Delivery): Promise<number | undefined> {
    const { rows } = await this.#db.query<{ lease_until: number }>(
      `UPDATE vambe_identity.contact SET lease_until = ${NOW} + ${LEASE_MS} FROM ${UNFLUSHED}
       WHERE ${IS_UNFLUSHED} AND channel_id = $1 AND user_id = $2 AND lease_until = $3 RETURNING lease_until`,
      [channelId, userId, lease],
    );
    return rows[0]?.lease_until;
  }

  takeTurns(perSecond: number, ahead: boolean, most: number): Promise<Turns> {
    return takeTurns(this.#db, perSecond, ahead, most);
  }

  countRequest(counting: Counting): Promise<Counted> {
    return this.#lookups.count(counting);
  }
}
