import type { Count, Counted, Counting } from "../contract/shared.ts";
import { NOW } from "./row.ts";
import { unnested } from "./unnested.ts";

/**
 * Counting of requests, as the beginning of a statement: `counted` is how often each was counted, by its place in the arrays.
 * Requests that are counted together have one write for each key; of those, each has a number of its own. Keys are written in
 * one order, all those that are first before the others, so that no two statements wait for each other.
 * Nothing in the table is ever deleted: the caller bounds the number of keys, and so the table.
 */
export const COUNTED = `
  request AS (
    SELECT * FROM ${unnested(["text", "bigint", "text", "bigint"])}
      WITH ORDINALITY AS request (first_key, most, key, window_ms, place)),
  first AS (${added("SELECT first_key, count(*), max(window_ms) FROM request WHERE first_key IS NOT NULL GROUP BY 1")}),
  after_first AS (
    SELECT place, request.key, first.points - count(*) OVER same + row_number() OVER (same ORDER BY place) AS requests, most,
      first.ends_in_ms
    FROM request LEFT JOIN first ON first.key = first_key WINDOW same AS (PARTITION BY first_key)),
  let_in AS (SELECT place, key FROM after_first WHERE key IS NOT NULL AND (requests IS NULL OR requests <= most)),
  second AS (${added("SELECT let_in.key, count(*), max(window_ms) FROM let_in JOIN request USING (place) GROUP BY 1")}),
  after_second AS (
    SELECT place, second.points - count(*) OVER same + row_number() OVER (same ORDER BY place) AS requests, second.ends_in_ms
    FROM let_in JOIN second USING (key) WINDOW same AS (PARTITION BY key)),
  counted AS (
    SELECT place, after_first.requests AS first_requests, after_first.ends_in_ms AS first_ends_in_ms, after_second.requests,
      after_second.ends_in_ms
    FROM after_first LEFT JOIN after_second USING (place))`;

/** @param keys selects each key once, how often it is counted, and how long a window of it lasts */
function added(keys: string): string {
  return `INSERT INTO vambe_identity.request_count AS known (key, points, expire)
      SELECT key, times, ${NOW} + window_ms FROM (${keys}) AS asked (key, times, window_ms) ORDER BY key
      ON CONFLICT (key) DO UPDATE SET
        points = CASE WHEN known.expire > ${NOW} THEN known.points ELSE 0 END + excluded.points,
        expire = CASE WHEN known.expire > ${NOW} THEN known.expire ELSE excluded.expire END
      RETURNING key::text, points, expire - ${NOW} AS ends_in_ms`;
}

export interface CountedColumns {
  first_requests: number | null;
  first_ends_in_ms: number | null;
  requests: number | null;
  ends_in_ms: number | null;
}

/** `$1` to `$4`. */
export const countingOf = (asked: readonly Counting[]): unknown[] => [
  asked.map(({ first }) => first?.key ?? null),
  asked.map(({ first }) => first?.most ?? 0),
  asked.map(({ key }) => key ?? null),
  asked.map(({ windowMs }) => windowMs),
];

export const countsIn = (columns: CountedColumns): Counted => ({
  ofFirst: countIn(columns.first_requests, columns.first_ends_in_ms),
  ofKey: countIn(columns.requests, columns.ends_in_ms),
});

const countIn = (requests: number | null, endsInMs: number | null): Count | undefined =>
  requests === null || endsInMs === null ? undefined : { requests, endsInMs };
