import type { DataKey } from "../data-key.ts";
import type { Delivery, Row } from "../row.ts";
import type { UserKey } from "../user-key.ts";
import { NOW, raisedTo, written } from "./row.ts";
import type { Writing } from "./row-group.ts";

/** What a user's row becomes. */
export interface Change {
  user: UserKey;
  row: Row;
  /** The one that was read; `undefined` where there was none. */
  version: number | undefined;
}

/** What the end of a delivery makes of its row, as long as the delivery's lease holds. */
export interface Settled {
  delivery: Delivery;
  row: Row;
  version: number;
  /** Until the next try, in milliseconds. */
  inMs: number;
  contactId: string | null;
  error: string | null;
  isOfAll: boolean;
}

const WRITTEN = "channel_id, user_id, state, verified, generation, sealed, names, confirmed, attempts";
const WRITTEN_ARRAYS =
  "$1::text[], $2::text[], $3::text[], $4::boolean[], $5::bigint[], $6::bytea[], $7::text[], $8::text[], $9::integer[]";
const NAMES = "ARRAY (SELECT pg_catalog.json_array_elements_text(asked.names::json))";
const SET = `state = asked.state, verified = asked.verified, generation = asked.generation, sealed = asked.sealed,
  names = ${NAMES}, confirmed = asked.confirmed::jsonb, attempts = asked.attempts, version = contact.version + 1`;

/** Writes the rows that are still of the version that was read. @param but what has to hold of a row beside that */
const updated = (locked: string, more: string, but = "") => `
  unchanged AS (
    SELECT asked.place FROM asked JOIN vambe_identity.contact USING (channel_id, user_id)
    WHERE contact.version = asked.version ${but} ${locked}),
  updated AS (
    UPDATE vambe_identity.contact SET ${SET}, ${more}
    FROM asked JOIN unchanged USING (place)
    WHERE contact.channel_id = asked.channel_id AND contact.user_id = asked.user_id
    RETURNING asked.place)`;

const CHANGED = `proven_at = ${raisedTo("asked.proven_at")}, next_attempt_at = ${NOW},
  pending_since = CASE contact.state WHEN 'pending' THEN contact.pending_since ELSE ${NOW} END`;

/** In one order, so that no two statements wait for each other. */
const INSERTED = `
  inserted AS (
    INSERT INTO vambe_identity.contact (${WRITTEN}, proven_at, confirmed_at, next_attempt_at, pending_since)
    SELECT channel_id, user_id, state, verified, generation, sealed, ${NAMES}, confirmed::jsonb, attempts, proven_at, 0,
      ${NOW}, ${NOW}
    FROM asked WHERE version IS NULL ORDER BY channel_id, user_id
    ON CONFLICT DO NOTHING RETURNING channel_id, user_id)`;

/** What a group does not need is left out of its statement: the server plans each one anew. */
export const changes = (key: DataKey): Writing<Change> => ({
  userOf: ({ user }) => user,
  valuesOf: (group) =>
    columns(
      group.map(({ user, row, version }) => [...written(key, user, row), row.provenAt, version ?? null]),
    ),
  statement: (locked, group) => {
    const known = { rows: updated(locked, CHANGED), places: "SELECT place FROM updated" };
    const added = {
      rows: INSERTED,
      places: "SELECT place FROM asked JOIN inserted USING (channel_id, user_id)",
    };
    const parts = [
      ...(group.some(({ version }) => version !== undefined) ? [known] : []),
      ...(group.some(({ version }) => version === undefined) ? [added] : []),
    ];
    return `
    WITH asked AS (
      SELECT * FROM unnest(${WRITTEN_ARRAYS}, $10::bigint[], $11::bigint[]) WITH ORDINALITY
        AS asked (${WRITTEN}, proven_at, version, place)),
    ${parts.map(({ rows }) => rows).join(",")}
    ${parts.map(({ places }) => places).join(" UNION ALL ")}`;
  },
});

const ENDED = `lease_until = 0, next_attempt_at = ${NOW} + asked.in_ms,
  contact_id = coalesce(asked.contact_id, contact.contact_id), last_error = asked.error,
  confirmed_at = CASE WHEN asked.is_of_all THEN ${NOW} ELSE contact.confirmed_at END,
  pending_since = CASE WHEN asked.state = 'idle' THEN NULL ELSE contact.pending_since END`;

export const settled = (key: DataKey): Writing<Settled> => ({
  userOf: ({ delivery }) => delivery,
  valuesOf: (group) =>
    columns(
      group.map(({ delivery, row, version, inMs, contactId, error, isOfAll }) => [
        ...written(key, delivery, row),
        version,
        delivery.lease,
        inMs,
        contactId,
        error,
        isOfAll,
      ]),
    ),
  statement: (locked) => `
    WITH asked AS (
      SELECT * FROM unnest(${WRITTEN_ARRAYS}, $10::bigint[], $11::bigint[], $12::bigint[], $13::text[], $14::text[], $15::boolean[])
        WITH ORDINALITY AS asked (${WRITTEN}, version, lease, in_ms, contact_id, error, is_of_all, place)),
    ${updated(locked, ENDED, "AND contact.lease_until = asked.lease")}
    SELECT place FROM updated`,
});

/** The same the other way round: one array for each column. */
const columns = (rows: readonly unknown[][]): unknown[][] =>
  (rows[0] ?? []).map((_, column) => rows.map((row) => row[column]));
