import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import { setImmediate, setTimeout as sleep } from "node:timers/promises";
import type { WaitingState } from "../contract/outbox.ts";
import { StepSize } from "../step-size.ts";
import { prepared } from "./statements.ts";
import { transaction } from "./transaction.ts";

/** How long a step should take, and the rest after it, in milliseconds. */
interface Tempo {
  workMs: number;
  restMs: number;
}
/** In the exchange, where nobody is answered while SQLite is at work. */
const AMONG_REQUESTS: Tempo = { workMs: 10, restMs: 0 };
/** In a process of its own: the exchange, which tries again every few milliseconds, has to come to the database too. */
export const BESIDE_AN_EXCHANGE: Tempo = { workMs: 40, restMs: 15 };

/** Rows in the order of an index, from one of them on. */
export interface Walk {
  index: "contact_left" | "contact_waiting" | "primary key";
  /** What the index's first columns are to be. */
  where: string;
  parameters?: Record<string, SQLInputValue>;
  /** Its next columns, which no two rows have alike. */
  key: readonly string[];
  /** The walk begins behind this key. */
  from: readonly SQLInputValue[];
}

/** Some rows of a walk: a condition with its parameters. It stands for `FROM contact INDEXED BY …` as well. */
export interface Range {
  contact: string;
  where: string;
  parameters: Record<string, SQLInputValue>;
  /** The last key in it; `undefined` where it goes to the end. */
  to: SQLInputValue[] | undefined;
}

/** All rows of a state; of one channel where it is given. Those whose state changes are met once. */
export const ofState = (state: WaitingState, channelId?: string): Walk => ({
  index: "contact_left",
  // The second condition is what tells SQLite that it may use the index of those that are not idle.
  where: `state = '${state}' AND state <> 'idle'${channelId === undefined ? "" : " AND channel_id = :channelId"}`,
  ...(channelId === undefined
    ? { key: ["channel_id", "pending_since", "user_id"], from: ["", -1, ""] }
    : { key: ["pending_since", "user_id"], from: [-1, ""], parameters: { channelId } }),
});

/** Pending rows of a channel that are due later than `now`. */
export const inBackOff = (channelId: string, now: number): Walk => ({
  index: "contact_waiting",
  where: "state = 'pending' AND channel_id = :channelId",
  parameters: { channelId },
  key: ["next_attempt_at", "user_id"],
  // Behind every user: no id has this character.
  from: [now, "\u{10FFFF}"],
});

/** All rows that there are. */
export const EVERY_ROW: Walk = {
  index: "primary key",
  where: "true",
  key: ["channel_id", "user_id"],
  from: ["", ""],
};

/**
 * Changes all rows of a walk, each step a transaction of its own: others have their turn in between, and what is broken
 * off is done as far as it has come.
 * @param work is given some of the rows
 */
export async function* changeInSteps<T>(
  db: DatabaseSync,
  walk: Walk,
  work: (range: Range) => T,
  { workMs, restMs }: Tempo = AMONG_REQUESTS,
): AsyncGenerator<{ result: T; isMore: boolean }, void> {
  const size = new StepSize(workMs);
  for (let from: readonly SQLInputValue[] | undefined = walk.from; from; ) {
    const behind: readonly SQLInputValue[] = from;
    let began = 0;
    const { range, result } = await transaction(db, () => {
      began = performance.now();
      const range = rangeOf(db, walk, behind, size.rows);
      return { range, result: work(range) };
    });
    size.learn(performance.now() - began);
    from = range.to;
    yield { result, isMore: from !== undefined };
    if (from) await (restMs > 0 ? sleep(restMs) : setImmediate());
  }
}

/** Looks at all rows of a walk, likewise. */
export async function* rangesOf(db: DatabaseSync, walk: Walk): AsyncGenerator<Range, void> {
  const size = new StepSize(AMONG_REQUESTS.workMs);
  for (let from: readonly SQLInputValue[] | undefined = walk.from; from; ) {
    const began = performance.now();
    const range: Range = rangeOf(db, walk, from, size.rows);
    yield range;
    size.learn(performance.now() - began);
    from = range.to;
    if (from) await setImmediate();
  }
}

function rangeOf(db: DatabaseSync, walk: Walk, from: readonly SQLInputValue[], rows: number): Range {
  const names = (end: string) => walk.key.map((_, at) => `:${end}${at}`).join(", ");
  const named = (end: string, values: readonly SQLInputValue[]) =>
    Object.fromEntries(values.map((value, at) => [`${end}${at}`, value]));
  const key = walk.key.join(", ");
  const contact = walk.index === "primary key" ? "contact" : `contact INDEXED BY ${walk.index}`;
  const where = `${walk.where} AND (${key}) > (${names("from")})`;
  const parameters = { ...walk.parameters, ...named("from", from) };
  const last = prepared(
    db,
    `SELECT ${key} FROM ${contact} WHERE ${where} ORDER BY ${key} LIMIT 1 OFFSET :rows - 1`,
  ).get({ ...parameters, rows });
  if (!last) return { contact, where, parameters, to: undefined };
  const to = walk.key.map((column) => last[column] ?? null);
  return {
    contact,
    where: `${where} AND (${key}) <= (${names("to")})`,
    parameters: { ...parameters, ...named("to", to) },
    to,
  };
}

/** The channels of the rows of a state. */
export function channelsOf(db: DatabaseSync, state: WaitingState): string[] {
  const next = prepared(
    db,
    `SELECT channel_id FROM contact INDEXED BY contact_left
     WHERE state = :state AND state <> 'idle' AND channel_id > :channelId ORDER BY channel_id LIMIT 1`,
  );
  const channels: string[] = [];
  for (let found = next.get({ state, channelId: "" }); found; ) {
    const channelId = String(found.channel_id);
    channels.push(channelId);
    found = next.get({ state, channelId });
  }
  return channels;
}
