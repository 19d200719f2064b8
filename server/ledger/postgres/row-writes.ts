import type { DataKey } from "../data-key.ts";
import type { Delivery, Row } from "../row.ts";
import type { UserKey } from "../user-key.ts";
import { NOW, raisedTo, written } from "./row.ts";
import type { Writing } from "./row-group.ts";
import { unnested } from "./unnested.ts";

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
const WRITTEN_TYPES = ["text", "text", "text", "boolean", "bigint", "bytea", "text", "text", "integer"];
const NAMES = "ARRAY (SELECT pg_catalog.json_array_elements_text(asked.names::json))";
const SET = `state = asked.state, verified = asked.verified, generation = asked.generation, sealed = asked.sealed,
  names = ${NAMES}, confirmed = asked.confirmed::jsonb, attempts = asked.attempts, version = contact.version + 1`;

/**
 * Writes the rows that are still of the version that was read. Each is found by the index and then by its place, whatever the
 * server knew of the table when it made its plan.
 * @param but what has to hold of a row beside that
 */
const updated = (locked: string, more: string, but = "") => `
  unchanged AS (
    SELECT asked.*, found.place
    FROM asked, LATERAL (
      SELECT contact.ctid AS place FROM vambe_identity.contact
      WHERE contact.channel_id = asked.channel_id AND contact.user_id = asked.user_id AND contact.version = asked.version ${but}
      ${locked}) AS found),
  updated AS (
    UPDATE vambe_identity.contact SET ${SET}, ${more} FROM unchanged AS asked WHERE contact.ctid = asked.place
    RETURNING contact.channel_id, contact.user_id)`;

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

const KNOWN = { rows: (locked: string) => updated(locked, CHANGED), whose: "SELECT * FROM updated" };
const ADDED = { rows: () => INSERTED, whose: "SELECT * FROM inserted" };

/** What a group does not need is left out of its statement. */
export const changes = (key: DataKey): Writing<Change> => ({
  userOf: ({ user }) => user,
  valuesOf: (group) =>
    columns(
      group.map(({ user, row, version }) => [...written(key, user, row), row.provenAt, version ?? null]),
    ),
  statement: (locked, group) => {
    const parts = [
      ...(group.some(({ version }) => version !== undefined) ? [KNOWN] : []),
      ...(group.some(({ version }) => version === undefined) ? [ADDED] : []),
    ];
    return `
    WITH asked AS (
      SELECT * FROM ${unnested([...WRITTEN_TYPES, "bigint", "bigint"])} AS asked (${WRITTEN}, proven_at, version)),
    ${parts.map(({ rows }) => rows(locked)).join(",")}
    ${parts.map(({ whose }) => whose).join(" UNION ALL ")}`;
  },
});

const ENDED = `lease_until = 0, next_attempt_at = ${NOW} + asked.in_ms,
  contact_id = coalesce(asked.contact_id, contact.contact_id), last_error = asked.error,
  confirmed_at = CASE WHEN asked.is_of_all THEN ${NOW} ELSE contact.confirmed_at END,
  pending_since = CASE WHEN asked.state = 'idle' THEN NULL ELSE contact.pending_since END`;
const ENDED_TYPES = ["bigint", "bigint", "bigint", "text", "text", "boolean"];

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
      SELECT * FROM ${unnested([...WRITTEN_TYPES, ...ENDED_TYPES])}
        AS asked (${WRITTEN}, version, lease, in_ms, contact_id, error, is_of_all)),
    ${updated(locked, ENDED, "AND contact.lease_until = asked.lease")}
    SELECT * FROM updated`,
});

/** The same the other way round: one array for each column. */
const columns = (rows: readonly unknown[][]): unknown[][] =>
  (rows[0] ?? []).map((_, column) => rows.map((row) => row[column]));
