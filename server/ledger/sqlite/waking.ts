import type { DatabaseSync } from "node:sqlite";
import type { Steps } from "../background.ts";
import { LEASE_MS, WOKEN_UP_TO } from "../row.ts";
import { prepared } from "./statements.ts";
import { changeInSteps, inBackOff, ofState, type Range } from "./steps.ts";

/** Makes what waits in back-off due. */
export async function* wake(db: DatabaseSync, channelId: string, now: number): Steps {
  const change = ({ contact, where, parameters }: Range) =>
    prepared(
      db,
      `UPDATE ${contact} SET next_attempt_at = :now WHERE ${where} AND attempts <= ${WOKEN_UP_TO}`,
    ).run({ ...parameters, now });
  for await (const { isMore } of changeInSteps(db, inBackOff(channelId, now), change)) if (isMore) yield;
}

/**
 * Frees what a process before has left under way: such rows wait, and their leases have begun before `now`, which tells
 * them from those of this process.
 */
export async function* freeLeases(db: DatabaseSync, now: number): Steps {
  const change = ({ contact, where, parameters }: Range) =>
    prepared(
      db,
      `UPDATE ${contact} SET lease_until = 0 WHERE ${where} AND lease_until > 0
         AND (lease_until < :now + ${LEASE_MS} OR lease_until > :latest)`,
    ).run({ ...parameters, now, latest: Date.now() + LEASE_MS });
  for (const state of ["pending", "withheld"] as const)
    for await (const { isMore } of changeInSteps(db, ofState(state), change)) if (isMore) yield;
}

/** Makes due what was rejected from `since` on: of a row that is rejected, `next_attempt_at` is when that was. */
export async function* reopen(db: DatabaseSync, channelId: string, since: number, now: number): Steps {
  const change = ({ contact, where, parameters }: Range) =>
    prepared(
      db,
      `UPDATE ${contact} SET state = 'pending', next_attempt_at = :now WHERE ${where} AND next_attempt_at >= :since`,
    ).run({ ...parameters, since, now });
  for await (const { isMore } of changeInSteps(db, ofState("rejected", channelId), change)) if (isMore) yield;
}
