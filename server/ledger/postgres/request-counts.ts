import { type RateLimiterAbstract, type RateLimiterMemory, RateLimiterPostgres } from "rate-limiter-flexible";
import type { PostgresDatabase } from "./database.ts";

/** How long a count may take before the own one counts instead, and for how long that does then. Milliseconds. */
const PATIENCE_MS = 1000;
const OWN_COUNT_MS = 5000;

/**
 * Counts for all instances together. Whoever limits the keys limits the table too: nothing in it is ever
 * deleted. The windows go by the instances' clocks; where those differ, a window is a little shorter or longer.
 */
export function sharedLimiter(db: PostgresDatabase, own: RateLimiterMemory): RateLimiterAbstract {
  let ownUntil = 0;
  async function query(statement: { text: string; values: unknown[] }) {
    if (performance.now() < ownUntil) throw new Error("the database was not to be had a moment ago");
    let impatience: NodeJS.Timeout | undefined;
    const tooLong = new Promise<never>((_, reject) => {
      impatience = setTimeout(() => reject(new Error("the database takes too long")), PATIENCE_MS);
    });
    try {
      return await Promise.race([db.query(statement), tooLong]);
    } catch (error) {
      ownUntil = performance.now() + OWN_COUNT_MS;
      throw error;
    } finally {
      clearTimeout(impatience);
    }
  }
  return new RateLimiterPostgres({
    storeClient: { query },
    storeType: "pool",
    schemaName: "vambe_identity",
    tableName: "request_count",
    tableCreated: true,
    clearExpiredByTimeout: false,
    keyPrefix: own.keyPrefix,
    points: own.points,
    duration: own.duration,
    insuranceLimiter: own,
  });
}
