import { oldestAgeSeconds } from "../../delivery/backlog.ts";
import type { Courier } from "../../delivery/delivery-loop.ts";
import type { Outbox } from "../../ledger/outbox.ts";

/** What `/readyz` says beside ready. Vambe being down shows here and makes nothing unready. */
export async function readiness(ledger: Outbox, courier: Pick<Courier, "pause">) {
  const now = Date.now();
  const outbox = await ledger.outbox();
  const { pause } = courier;
  return {
    status: "ready",
    ledger: "ok",
    outbox: { ...outbox, oldest_pending_seconds: (await oldestAgeSeconds(ledger, now)) ?? null },
    deliveries: pause
      ? { paused: true, until: new Date(now + pause.forMs).toISOString(), because: pause.because }
      : { paused: false },
  };
}
