import type { Count, Notice, Shared, Turn } from "../contract/shared.ts";
import { type Delivery, LEASE_MS } from "../row.ts";
import type { UserKey } from "../user-key.ts";
import type { PostgresDatabase } from "./database.ts";
import type { PostgresNotices } from "./notices.ts";
import { takeTurn } from "./pace.ts";
import { countRequest } from "./request-counts.ts";
import { FREE, NOW } from "./row.ts";

export class PostgresShared implements Shared {
  readonly #db: PostgresDatabase;
  readonly #notices: PostgresNotices;

  constructor(db: PostgresDatabase, notices: PostgresNotices) {
    this.#db = db;
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
      `UPDATE vambe_identity.contact SET lease_until = ${NOW} + ${LEASE_MS}
       WHERE channel_id = $1 AND user_id = $2 AND lease_until = $3 RETURNING lease_until`,
      [channelId, userId, lease],
    );
    return rows[0]?.lease_until;
  }

  takeTurn(perSecond: number, ahead: boolean): Promise<Turn> {
    return takeTurn(this.#db, perSecond, ahead);
  }

  countRequest(key: string, windowMs: number): Promise<Count> {
    return countRequest(this.#db, key, windowMs);
  }
}
