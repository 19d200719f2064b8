import { setTimeout as sleep } from "node:timers/promises";
import type { Pause } from "../../../server/delivery/circuit-breaker.ts";
import { DeliveryLoop } from "../../../server/delivery/delivery-loop.ts";
import type { Receipt } from "../../../server/delivery/waiting-pages.ts";
import type { ContactTraits } from "../../../server/ledger/contact-traits.ts";
import type { Ledger } from "../../../server/ledger/contract/ledger.ts";
import { SqliteLedger } from "../../../server/ledger/sqlite/ledger.ts";
import { createLog } from "../../../server/log.ts";
import { tellAll } from "../../../server/observer.ts";
import { checkSettings } from "../../../server/settings/check-settings.ts";
import { composeUpsert } from "../../../server/vambe/compose-upsert.ts";
import { createUpsertClient } from "../../../server/vambe/upsert-client.ts";
import { dataKeyOf } from "../../support/data-key.ts";

const API_KEY = "key-0123456789";
/** Longer than any call to Vambe may take, so that a stop that takes longer hangs. */
const STOP_MS = 12_000;
const channelId = "a1b2c3d4-e5f6-7890-abcd-ef1234567890";

export interface RunningLoop extends AsyncDisposable {
  ledger: Ledger;
  log: string[];
  /** Writes a claim into the ledger and asks for nothing: it is backlog. */
  leave(userId: string, traits: ContactTraits): Promise<void>;
  /** What a page does: writes the claim, then waits for the delivery. */
  identify(
    userId: string,
    traits: ContactTraits,
    patienceMs?: number,
  ): Promise<Receipt["status"] | "unchanged">;
  /** Ends the loop and starts another on the same ledger; where it is said, one that knows these custom fields alone. */
  restart(changes?: { lists: (fieldKey: string) => boolean }): Promise<void>;
  start(): void;
  /** `undefined` where deliveries are not paused. */
  pause(): Pause | undefined;
}

/** A delivery loop between a ledger in memory and a Vambe at `url`: all of it real, nothing of HTTP in front. */
export function openLoop(
  url: string,
  { maxRate = 1000, deadlineMs = 10_000, apiKey = API_KEY } = {},
): RunningLoop {
  const log: string[] = [];
  const settings = checkSettings({
    apiKey,
    apiUrl: url,
    channelId,
    allowUnverified: true,
    allowedOrigins: ["https://shop.example.com"],
    publicUrl: "https://id.example.com",
    maxRate,
  });
  const ledger = new SqliteLedger(":memory:", dataKeyOf(apiKey), channelId);
  const make = (lists: (fieldKey: string) => boolean = () => true) =>
    new DeliveryLoop({
      ledger,
      lists,
      vambe: createUpsertClient({ ...settings, deadlineMs }),
      compose: (delivery) => composeUpsert(delivery, settings),
      log: createLog((line) => log.push(line)),
      tell: tellAll([], () => {}),
      maxRate,
    });
  let loop = make();

  const record = (userId: string, traits: ContactTraits) =>
    ledger.record({ channelId, userId, traits, verified: true }, Date.now());
  return {
    ledger,
    log,
    leave: async (userId, traits) => void (await record(userId, traits)),
    identify: async (userId, traits, patienceMs = 30_000) => {
      const recorded = await record(userId, traits);
      if (recorded.outcome === "unchanged" || recorded.outcome === "rejected") return recorded.outcome;
      const isNew = recorded.outcome === "changed";
      return (await loop.deliver({ channelId, userId }, recorded.generation, patienceMs, isNew)).status;
    },
    start: () => loop.start(),
    pause: () => {
      const { pause } = loop;
      return pause && "forMs" in pause ? pause : undefined;
    },
    restart: async ({ lists } = { lists: () => true }) => {
      await loop.stop();
      loop = make(lists);
      loop.start();
    },
    [Symbol.asyncDispose]: async () => {
      const outcome = await Promise.race([loop.stop(), sleep(STOP_MS, "hangs", { ref: false })]);
      if (outcome === "hangs") throw new Error(`the loop has not stopped within ${STOP_MS} ms`);
      await ledger.close();
    },
  };
}

export const LOOP_API_KEY = API_KEY;
