import { oldestAgeSeconds } from "../../delivery/backlog.ts";
import type { Log } from "../../log.ts";
import { type Endpoint, jsonAnswer } from "../call.ts";
import { always, PRIVATE } from "../page-answers.ts";
import type { Health } from "../served.ts";

/** `GET /livez`: the process answers. */
export const livez: Endpoint = (call) =>
  jsonAnswer({ status: "alive" }, 200, { ...always(call), ...PRIVATE });

/** `GET /readyz`: identifies can be stored. */
export const readyz =
  (health: Health, log: Log): Endpoint =>
  async (call) => {
    const headers = { ...always(call), ...PRIVATE };
    try {
      return jsonAnswer(await readiness(health), 200, headers);
    } catch (error) {
      log.error("the ledger cannot be read", { cause: error });
      const reason = "the database cannot be read";
      return jsonAnswer({ status: "not ready", ledger: "failed", reason }, 503, headers);
    }
  };

/** What `/readyz` says beside ready. Vambe being down shows here and makes nothing unready. */
async function readiness({ outbox, deliveries }: Health) {
  const now = Date.now();
  const counts = await outbox.outbox();
  const { pause } = deliveries;
  return {
    status: "ready",
    ledger: "ok",
    outbox: { ...counts, oldest_pending_seconds: (await oldestAgeSeconds(outbox, now)) ?? null },
    deliveries: pause
      ? { paused: true, until: new Date(now + pause.forMs).toISOString(), because: pause.because }
      : { paused: false },
  };
}
