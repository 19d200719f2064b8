import { COUNTED_UP_TO, type Outbox } from "../ledger/contract/outbox.ts";
import type { Log } from "../log.ts";

/** How often it looks, in milliseconds. */
const LOOK_EVERY_MS = 15_000;
/** From this age on it is worth a warning, and between two of them, in milliseconds. */
export const WARN_AFTER_MS = 60_000;
/** How many foreign channels are named. */
const NAMED = 5;

/** How long the oldest row has waited that could go, in whole seconds. A clock that was put back makes no debts. */
export async function oldestAgeSeconds(
  outbox: Pick<Outbox, "oldestPending">,
  now: number,
): Promise<number | undefined> {
  const since = await outbox.oldestPending();
  return since === undefined ? undefined : Math.max(0, Math.floor((now - since) / 1000));
}

/** What another exchange should carry, or this one before its channel was changed, is named and not touched. */
export async function warnOfOtherChannels(outbox: Pick<Outbox, "ofOtherChannels">, log: Log): Promise<void> {
  const { rows, channels } = await outbox.ofOtherChannels(COUNTED_UP_TO);
  if (rows === 0) return;
  log.warn(
    `rows of other channels (${channels.slice(0, NAMED).join(", ")}) wait in this database and are not carried: VAMBE_CHANNEL_ID, or VAMBE_WHATSAPP_PHONE, is another. Where it was wrong before, vambe-identity outbox move brings them over`,
    { count: rows },
  );
}

/** Warns of a backlog that grows old, at most once a minute. Returns how to stop it. */
export function watchBacklog(outbox: Pick<Outbox, "outbox" | "oldestPending">, log: Log): () => void {
  let warnedAt = Number.NEGATIVE_INFINITY;
  const look = async () => {
    const age = await oldestAgeSeconds(outbox, Date.now());
    const now = performance.now();
    if (age === undefined || age * 1000 < WARN_AFTER_MS || now - warnedAt < WARN_AFTER_MS) return;
    warnedAt = now;
    log.warn("deliveries are waiting for more than a minute", {
      count: (await outbox.outbox(COUNTED_UP_TO)).pending,
      age_seconds: age,
    });
  };
  // What the ledger has to complain about, the loop says.
  const timer = setInterval(() => void look().catch(() => {}), LOOK_EVERY_MS).unref();
  return () => clearInterval(timer);
}
