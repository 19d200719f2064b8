import type { DatabaseSync } from "node:sqlite";
import { type Move, type Moved, WAITING_STATES } from "../contract/outbox.ts";
import type { DataKey } from "../data-key.ts";
import { moved } from "../moved.ts";
import { LEASE_MS } from "../row.ts";
import { readRow } from "./row.ts";
import { prepared } from "./statements.ts";
import { BESIDE_AN_EXCHANGE, changeInSteps, ofState, type Range } from "./steps.ts";
import { transaction } from "./transaction.ts";
import { writePending } from "./write-pending.ts";

/** Step by step, with pauses: what is broken off has moved so many rows, and the same call goes on with the others. */
export async function move(
  db: DatabaseSync,
  { from, to, userId }: Move,
  key: DataKey,
  now: number,
): Promise<Moved> {
  const all: Moved = { moved: 0, merged: 0, underWay: 0 };
  const moveOne = (user: string) => {
    const outcome = moveRow(db, key, { from, to, user, now });
    if (outcome === undefined) return;
    if (outcome === "merged") all.moved += 1;
    all[outcome] += 1;
  };
  if (userId !== undefined) {
    await transaction(db, () => moveOne(userId));
    return all;
  }
  const moveThese = ({ contact, where, parameters }: Range) => {
    const found = prepared(db, `SELECT user_id FROM ${contact} WHERE ${where}`).all(parameters);
    for (const { user_id } of found) moveOne(String(user_id));
  };
  for (const state of WAITING_STATES)
    for await (const _ of changeInSteps(db, ofState(state, from), moveThese, BESIDE_AN_EXCHANGE));
  return all;
}

interface One {
  from: string;
  to: string;
  user: string;
  now: number;
}

/** @returns what became of the row, `undefined` where nothing of it waits */
function moveRow(db: DatabaseSync, key: DataKey, { from, to, user, now }: One): keyof Moved | undefined {
  const left = { channelId: from, userId: user };
  const reached = { channelId: to, userId: user };
  const source = readRow(db, key, left, now);
  if (!source || source.state === "idle") return undefined;
  if (source.lease > now && source.lease <= now + LEASE_MS) return "underWay";
  const target = readRow(db, key, reached, now);
  const row = moved(source, target, key.fingerprint);
  if (row) writePending(db, key, reached, row, now);
  for (const table of ["payload", "contact"])
    prepared(db, `DELETE FROM ${table} WHERE channel_id = :channelId AND user_id = :userId`).run(left);
  return target ? "merged" : "moved";
}
