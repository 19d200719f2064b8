import type { Count } from "../contract/shared.ts";
import type { PostgresDatabase } from "./database.ts";
import { NOW } from "./row.ts";

/** Nothing in the table is ever deleted: the caller bounds the number of keys, and so the table. */
export async function countRequest(db: PostgresDatabase, key: string, windowMs: number): Promise<Count> {
  const { rows } = await db.query<{ requests: number; ends_in_ms: number }>(
    `INSERT INTO vambe_identity.request_count AS known (key, points, expire) VALUES ($1, 1, ${NOW} + $2)
     ON CONFLICT (key) DO UPDATE SET
       points = CASE WHEN known.expire > ${NOW} THEN known.points + 1 ELSE 1 END,
       expire = CASE WHEN known.expire > ${NOW} THEN known.expire ELSE excluded.expire END
     RETURNING points AS requests, expire - ${NOW} AS ends_in_ms`,
    [key, windowMs],
  );
  const { requests = 1, ends_in_ms: endsInMs = windowMs } = rows[0] ?? {};
  return { requests, endsInMs };
}
