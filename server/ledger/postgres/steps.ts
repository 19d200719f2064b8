import type { WaitingState } from "../contract/outbox.ts";
import { StepSize } from "../step-size.ts";
import type { PostgresDatabase } from "./database.ts";
import { tookTooLong } from "./trouble.ts";

/** How long one statement should take, in milliseconds: well within the time that it may take. */
const STEP_MS = 500;

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

/** Pending rows of a channel that are due at this time or later. */
export const dueFrom = (channelId: string, time: number): Walk => ({
  where: "state = 'pending' AND channel_id = $1",
  values: [channelId],
  key: { next_attempt_at: "bigint", user_id: "text" },
  from: [time, ""],
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
 * come. A step that has taken too long, as on a busy server, is done again with fewer rows.
 */
export async function* changeInSteps(
  db: PostgresDatabase,
  walk: Walk,
  change: Change,
  values: readonly unknown[] = [],
): AsyncGenerator<Step, void> {
  const size = new StepSize(STEP_MS);
  for (let from: readonly unknown[] | undefined = walk.from; from; ) {
    const rest: Walk = { ...walk, from, values: [...walk.values, ...values] };
    const step: Found = await inTime(size, () => stepFrom(db, rest, size.rows, change));
    from = step.to;
    yield { met: step.met, isMore: from !== undefined };
  }
}

/** Some rows of a walk: a condition with its values. */
export interface Range {
  where: string;
  values: unknown[];
}

/** All rows of a walk, some at a time. */
export async function* rangesOf(db: PostgresDatabase, walk: Walk): AsyncGenerator<Range, void> {
  const size = new StepSize(STEP_MS);
  for (let from: readonly unknown[] | undefined = walk.from; from; ) {
    const rest: Walk = { ...walk, from };
    const { to }: Found = await inTime(size, () => stepFrom(db, rest, size.rows));
    const { where, values } = behind(walk, from);
    yield to
      ? { where: `${where} AND ${compare(walk, "<=", values.length)}`, values: [...values, ...to] }
      : { where, values };
    from = to;
  }
}

/** The first rows of a walk, in its order. @param columns of the whole row */
export async function firstOf<T extends object>(
  db: PostgresDatabase,
  walk: Walk,
  rows: number,
  columns: string,
): Promise<T[]> {
  const { where, values } = behind(walk, walk.from);
  const { rows: found } = await db.query<T & Record<string, unknown>>(
    `WITH RECURSIVE ${searches(walk, where)},
     met AS MATERIALIZED (SELECT channel_id AS met_channel, user_id AS met_user FROM found LIMIT ${rows})
     SELECT ${columns} FROM met JOIN vambe_identity.contact ON channel_id = met_channel AND user_id = met_user`,
    values,
  );
  return found;
}

/** Does a step, and learns from it how large the next may be. @throws where even the smallest takes too long */
async function inTime<T>(size: StepSize, step: () => Promise<T>): Promise<T> {
  for (;;) {
    const began = performance.now();
    const wasLeast = size.isLeast;
    try {
      const done = await step();
      size.learn(performance.now() - began);
      return done;
    } catch (error) {
      if (wasLeast || !tookTooLong(error)) throw error;
      size.learn(performance.now() - began);
    }
  }
}

interface Found {
  met: number;
  /** The last key; `undefined` where there are no more rows. */
  to: unknown[] | undefined;
}

/**
 * Each row is found by one search of the index for what comes behind the one before. Asked for all of them at once, the
 * server would sort any number of rows where its statistics know of few, as after an outage.
 */
async function stepFrom(db: PostgresDatabase, walk: Walk, rows: number, change?: Change): Promise<Found> {
  const { where, values } = behind(walk, walk.from);
  const { rows: found } = await db.query<Record<string, unknown>>(
    `WITH RECURSIVE ${searches(walk, where)},
     met AS MATERIALIZED (SELECT * FROM found LIMIT ${rows})${change ? changed(change) : ""}
     SELECT ${Object.keys(walk.key).join(", ")}, (SELECT count(*)::int FROM met) AS met FROM met
     OFFSET greatest((SELECT count(*) FROM met) - 1, 0)`,
    values,
  );
  const last = found[0];
  const met = Number(last?.met ?? 0);
  return { met, to: last && met === rows ? Object.keys(walk.key).map((column) => last[column]) : undefined };
}

const searches = (walk: Walk, where: string): string => {
  const key = Object.keys(walk.key);
  const one = (condition: string) =>
    `SELECT state, channel_id, user_id, pending_since, next_attempt_at FROM vambe_identity.contact
     WHERE ${condition} ORDER BY ${key.join(", ")} LIMIT 1`;
  const next = `${walk.where} AND (${key.join(", ")}) > (${key.map((column) => `found.${column}`).join(", ")})`;
  return `found AS ((${one(where)}) UNION ALL SELECT next.* FROM found, LATERAL (${one(next)}) AS next)`;
};

/**
 * By way of the primary key: what is known of the rows' state would lead the server to another index. They are changed in
 * the order in which they were met, so that no two who do it lock each other out.
 */
const changed = ({ set, where, skipsLocked }: Change): string => `,
  ours AS (
    SELECT met.channel_id AS its_channel, met.user_id AS its_user, met.state AS its_state FROM met
    ${skipsLocked ? `JOIN vambe_identity.contact USING (channel_id, user_id) FOR UPDATE OF contact SKIP LOCKED` : ""}),
  changed AS (
    UPDATE vambe_identity.contact SET ${set} FROM ours
    WHERE channel_id = its_channel AND user_id = its_user AND state = its_state AND ${where})`;

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
