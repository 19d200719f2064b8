import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import type { IdentifyAnswer } from "../../server/protocol.ts";
import { eventually } from "../support/eventually.ts";
import type { World } from "../support/world.ts";

/** The page waits two seconds for Vambe; the rest is for a machine that has other things to do as well. */
export const ANSWERED_WITHIN_MS = 5000;

export interface Readiness {
  status: string;
  ledger: string;
  outbox: { pending: number; withheld: number; rejected: number; oldest_pending_seconds: number | null };
  deliveries: { paused: boolean; until?: string; because?: string };
}

/** What `/readyz` says may be a second old. */
const KEPT_MS = 1000;

export async function readinessOf(world: World): Promise<Readiness> {
  await sleep(KEPT_MS);
  return JSON.parse((await world.page.send("/readyz", {})).text);
}

/** Identifies, and holds the exchange to its promise that the page is answered in time. */
export async function identifyInTime(world: World, id: string, traits: object): Promise<IdentifyAnswer> {
  const began = performance.now();
  const answer = (await world.signIn(id, traits)).identity();
  expect(performance.now() - began).toBeLessThan(ANSWERED_WITHIN_MS);
  return answer;
}

/** Nothing is pending any more. */
export const untilDelivered = (world: World, withinMs = 110_000) =>
  eventually("all is delivered", async () => (await readinessOf(world)).outbox.pending === 0, {
    withinMs,
    everyMs: 100,
  });
