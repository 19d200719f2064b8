import type { WaitingState } from "../contract/outbox.ts";
import type { PostgresDatabase } from "./database.ts";
import { NOW } from "./row.ts";

/** Rows changed, and rows only counted, by one statement: well within the time that a statement may take. */
const CHANGED = 2000;
const COUNTED = 50_000;

/** Rows in the order of an index, from one of them on. `$1` and so on are of `values`. */
export interface Walk {
  /** What the index's first columns are to be. */
  where: string;
  values: readonly unknown[];
  /** Its next columns, which no two rows have alike, and their types. */
  key: Readonly<Record<string, "text" | "bigint">>;
  /** The walk begins behind this key. */
  from: readonly unknown[];
}

/** All rows of a state; of one channel where it is given. Those whose state changes are met once. */
export const ofState = (state: WaitingState, channelId?: string): Walk =>
  channelId === undefined
    ? {
        where: `state = '${state}' AND state <> 'idle'`,
        values: [],
        key: { channel_id: "text", pending_since: "bigint", user_id: "text" },
        from: ["", -1, ""],
      }
    : {
        where: `state = '${state}' AND state <> 'idle' AND channel_id = $1`,
        values: [channelId],
        key: { pending_since: "bigint", user_id: "text" },
        from: [-1, ""],
      };

/** Pending rows of a channel that are due later than now. */
export const inBackOff = (channelId: string): Walk => ({
  where: `state = 'pending' AND channel_id = $1 AND next_attempt_at > ${NOW}`,
  values: [channelId],
  key: { next_attempt_at: "bigint", user_id: "text" },
  from: [-1, ""],
});

/** What is done to rows, as UPDATE has it; `values` follow those of the walk. */
export interface Change {
  set: string;
  where: string;
  /** What another instance has locked is passed over. */
  skipsLocked?: boolean;
}

export interface Step {
  /** Rows that were met, changed or not. */
  met: number;
  isMore: boolean;
}

/**
 * Changes all rows of a walk, each step one statement that commits by itself: what is broken off is done as far as it has
 * come. Rows are locked in one order, so that no two who do it wait for each other.
 */
export async function* changeInSteps(
  db: PostgresDatabase,
  walk: Walk,
  change: Change,
  values: readonly unknown[] = [],
): AsyncGenerator<Step, void> {
  for (let from: readonly unknown[] | undefined = walk.from; from; ) {
    const step: Found = await stepFrom(
      db,
      { ...walk, from, values: [...walk.values, ...values] },
      CHANGED,
      change,
    );
    from = step.to;
    yield { met: step.met, isMore: from !== undefined };
  }
}

/** How many rows a walk meets. */
export async function countInSteps(db: PostgresDatabase, walk: Walk): Promise<number> {
  let count = 0;
  for (let from: readonly unknown[] | undefined = walk.from; from; ) {
    const step: Found = await stepFrom(db, { ...walk, from }, COUNTED);
    count += step.met;
    from = step.to;
  }
  return count;
}

/** Some rows of a walk: a condition with its values. */
export interface Range {
  where: string;
  values: unknown[];
}

/** All rows of a walk, some at a time. */
export async function* rangesOf(db: PostgresDatabase, walk: Walk): AsyncGenerator<Range, void> {
  for (let from: readonly unknown[] | undefined = walk.from; from; ) {
    const { to }: Found = await stepFrom(db, { ...walk, from }, CHANGED);
    const { where, values } = behind(walk, from);
    yield to
      ? { where: `${where} AND ${compare(walk, "<=", values.length)}`, values: [...values, ...to] }
      : { where, values };
    from = to;
  }
}

interface Found {
  met: number;
  /** The last key; `undefined` where there are no more rows. */
  to: unknown[] | undefined;
}

async function stepFrom(db: PostgresDatabase, walk: Walk, rows: number, change?: Change): Promise<Found> {
  const columns = Object.keys(walk.key);
  const { where, values } = behind(walk, walk.from);
  const kept = columns.map((column, at) => `${column} AS key_${at}`).join(", ");
  const lock = change ? `FOR UPDATE${change.skipsLocked ? " SKIP LOCKED" : ""}` : "";
  const changed = change
    ? `, changed AS (
         UPDATE vambe_identity.contact AS contact SET ${change.set} FROM step
         WHERE contact.channel_id = step_channel AND contact.user_id = step_user AND ${change.where} RETURNING 1)`
    : "";
  const found = await db.query<Record<string, unknown>>(
    `WITH step AS (
       SELECT channel_id AS step_channel, user_id AS step_user, ${kept} FROM vambe_identity.contact
       WHERE ${where} ORDER BY ${columns.join(", ")} LIMIT ${rows} ${lock})${changed}
     SELECT step.*, (SELECT count(*)::int FROM step) AS met FROM step ORDER BY ${columns.map((_, at) => `key_${at} DESC`).join(", ")} LIMIT 1`,
    values,
  );
  const last = found.rows[0];
  const met = Number(last?.met ?? 0);
  return {
    met,
    to: last && met === rows ? columns.map((_, at) => last[`key_${at}`]) : undefined,
  };
}

/** The rows of a walk that come behind a key. */
const behind = (walk: Walk, from: readonly unknown[]): Range => ({
  where: `${walk.where} AND ${compare(walk, ">", walk.values.length)}`,
  values: [...walk.values, ...from],
});

const compare = ({ key }: Walk, sign: ">" | "<=", valuesBefore: number): string => {
  const values = Object.values(key).map((type, at) => `$${valuesBefore + at + 1}::${type}`);
  return `(${Object.keys(key).join(", ")}) ${sign} (${values.join(", ")})`;
};

/** The channels of the rows of a state: one search for each. */
export async function channelsOf(db: PostgresDatabase, state: WaitingState): Promise<string[]> {
  const channels: string[] = [];
  for (let last: string | undefined = ""; last !== undefined; ) {
    const found: { rows: { channel_id: string }[] } = await db.query<{ channel_id: string }>(
      `SELECT channel_id FROM vambe_identity.contact
       WHERE state = $1 AND state <> 'idle' AND channel_id > $2 ORDER BY state, channel_id LIMIT 1`,
      [state, last],
    );
    last = found.rows[0]?.channel_id;
    if (last !== undefined) channels.push(last);
  }
  return channels;
}
