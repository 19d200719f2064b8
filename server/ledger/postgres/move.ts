import { type Move, type Moved, WAITING_STATES } from "../contract/outbox.ts";
import type { DataKey } from "../data-key.ts";
import { moved } from "../moved.ts";
import type { Row } from "../row.ts";
import type { PostgresDatabase } from "./database.ts";
import { FREE, NOW, ROW, type RowColumns, rowIn } from "./row.ts";
import { firstOf, ofState } from "./steps.ts";

/** Rows that are moved by one statement, and how often it is tried where others have changed some meanwhile. */
const STEP = 500;
const MOST_PASSES = 3;

interface Found extends RowColumns {
  user_id: string;
  pending_since: number;
  under_way: boolean;
}
const FOUND = `user_id, pending_since, NOT ${FREE} AS under_way, ${ROW}`;

/** A row on its way, and the versions by which it, and the one that it comes to, are still those that were read. */
interface OnItsWay {
  userId: string;
  version: number;
  toVersion: number | null;
  row: Row | undefined;
}

/** Step by step: what is broken off has moved so many rows, and the same call goes on with the others. */
export async function move(db: PostgresDatabase, what: Move, key: DataKey): Promise<Moved> {
  const all: Moved = { moved: 0, merged: 0, underWay: 0 };
  for (let pass = 1; ; pass++) {
    let missed = 0;
    all.underWay = 0;
    for await (const found of rowsOf(db, what)) {
      const free = found.filter(({ under_way }) => !under_way);
      const step = await moveThese(db, what, key, free);
      all.moved += step.moved + step.merged;
      all.merged += step.merged;
      all.underWay += found.length - free.length;
      missed += free.length - step.moved - step.merged;
    }
    if (missed === 0) return all;
    if (pass === MOST_PASSES) return { ...all, underWay: all.underWay + missed };
  }
}

async function* rowsOf(db: PostgresDatabase, { from, userId }: Move): AsyncGenerator<Found[], void> {
  if (userId !== undefined) {
    const { rows } = await db.query<Found & Record<string, unknown>>(
      `SELECT ${FOUND} FROM vambe_identity.contact WHERE channel_id = $1 AND user_id = $2 AND state <> 'idle'`,
      [from, userId],
    );
    yield rows;
    return;
  }
  for (const state of WAITING_STATES) {
    let walk = ofState(state, from);
    for (let isMore = true; isMore; ) {
      const rows: Found[] = await firstOf<Found>(db, walk, STEP, FOUND);
      const last = rows.at(-1);
      isMore = last !== undefined && rows.length === STEP;
      if (last) walk = { ...walk, from: [last.pending_since, last.user_id] };
      yield rows;
    }
  }
}

async function moveThese(
  db: PostgresDatabase,
  { from, to }: Move,
  key: DataKey,
  found: Found[],
): Promise<{ moved: number; merged: number }> {
  if (found.length === 0) return { moved: 0, merged: 0 };
  const { rows: targets } = await db.query<RowColumns & { user_id: string }>(
    `SELECT user_id, ${ROW} FROM vambe_identity.contact WHERE channel_id = $1 AND user_id = ANY ($2::text[])`,
    [to, found.map(({ user_id }) => user_id)],
  );
  const known = new Map(
    targets.map((columns) => [
      columns.user_id,
      rowIn(key, { channelId: to, userId: columns.user_id }, columns),
    ]),
  );
  const onTheirWay = found.map((columns): OnItsWay => {
    const userId = columns.user_id;
    const source = rowIn(key, { channelId: from, userId }, columns);
    const target = known.get(userId);
    const row = moved(source.row, target?.row, key.fingerprint);
    return { userId, version: source.version, toVersion: target?.version ?? null, row };
  });
  const run = async (write: string, rows: OnItsWay[]): Promise<number> => {
    if (rows.length === 0) return 0;
    const { rowCount } = await db.query(write, [from, to, ...columnsOf(key, to, rows)]);
    return rowCount ?? 0;
  };
  const isNew = ({ toVersion }: OnItsWay) => toVersion === null;
  const [brings, bringsNothing] = [onTheirWay.filter(({ row }) => row), onTheirWay.filter(({ row }) => !row)];
  return {
    moved: (await run(INSERT, brings.filter(isNew))) + (await run(DELETE, bringsNothing.filter(isNew))),
    merged:
      (await run(
        MERGE,
        brings.filter((one) => !isNew(one)),
      )) +
      (await run(
        DELETE,
        bringsNothing.filter((one) => !isNew(one)),
      )),
  };
}

/** `$3` and on. */
const columnsOf = (key: DataKey, to: string, rows: OnItsWay[]): unknown[] => [
  rows.map(({ userId }) => userId),
  rows.map(({ version }) => version),
  rows.map(({ toVersion }) => toVersion),
  rows.map(({ row }) => row?.verified ?? false),
  rows.map(({ row }) => row?.generation ?? 0),
  rows.map(({ userId, row }) => (row ? key.seal({ channelId: to, userId }, row.pending) : null)),
  rows.map(({ row }) => JSON.stringify(Object.keys(row?.pending ?? {}))),
  rows.map(({ row }) => row?.provenAt ?? 0),
];

/** The rows that are still as they were read. They are locked, so that what is written there is deleted here, or neither. */
const SOURCE = `WITH source AS MATERIALIZED (
   SELECT given.* FROM unnest($3::text[], $4::bigint[], $5::bigint[], $6::boolean[], $7::bigint[], $8::bytea[],
       $9::text[], $10::bigint[])
     AS given (its_user, its_version, to_version, is_verified, its_generation, its_sealed, its_names, was_proven_at)
   JOIN vambe_identity.contact AS contact ON contact.channel_id = $1 AND contact.user_id = its_user
   WHERE contact.version = its_version AND ${FREE} FOR UPDATE OF contact)`;
const NAMES = "ARRAY(SELECT jsonb_array_elements_text(its_names::jsonb))";
const GONE =
  "DELETE FROM vambe_identity.contact AS contact USING reached WHERE channel_id = $1 AND user_id = reached_user";

const INSERT = `${SOURCE},
  reached AS (
    INSERT INTO vambe_identity.contact (channel_id, user_id, state, verified, generation, sealed, names, confirmed,
      attempts, proven_at, next_attempt_at, pending_since)
    SELECT $2, its_user, 'pending', is_verified, its_generation, its_sealed, ${NAMES}, '{}', 0, was_proven_at, ${NOW}, ${NOW}
    FROM source ON CONFLICT DO NOTHING RETURNING user_id AS reached_user)
  ${GONE}`;

const MERGE = `${SOURCE},
  reached AS (
    UPDATE vambe_identity.contact AS target SET state = 'pending', verified = is_verified, generation = its_generation,
      sealed = its_sealed, names = ${NAMES}, attempts = 0, proven_at = was_proven_at, next_attempt_at = ${NOW},
      version = target.version + 1,
      pending_since = CASE state WHEN 'pending' THEN pending_since ELSE ${NOW} END
    FROM source WHERE target.channel_id = $2 AND target.user_id = its_user AND target.version = to_version
    RETURNING its_user AS reached_user)
  ${GONE}`;

/** What has nothing to bring, where the other row is still the one that has it all. */
const DELETE = `${SOURCE},
  reached AS (
    SELECT its_user AS reached_user FROM source WHERE to_version IS NULL OR EXISTS (
      SELECT 1 FROM vambe_identity.contact AS target
      WHERE target.channel_id = $2 AND target.user_id = its_user AND target.version = to_version))
  ${GONE}`;
