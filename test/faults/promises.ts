import { setTimeout as sleep } from "node:timers/promises";
import type { IdentifyAnswer } from "../../server/protocol.ts";
import { eventually } from "../support/eventually.ts";
import type { World } from "../support/world.ts";

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

/** Identifies, and holds the exchange to its promise that the page is answered, whatever Vambe does. */
export const identify = async (world: World, id: string, traits: object): Promise<IdentifyAnswer> =>
  (await world.signIn(id, traits)).identity();

/** Nothing is pending any more. */
export const untilDelivered = (world: World, withinMs = 110_000) =>
  eventually("all is delivered", async () => (await readinessOf(world)).outbox.pending === 0, {
    withinMs,
    everyMs: 100,
  });
