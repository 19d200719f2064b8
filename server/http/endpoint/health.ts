import { oldestAgeSeconds } from "../../delivery/backlog.ts";
import { COUNTED_UP_TO } from "../../ledger/contract/outbox.ts";
import type { Log } from "../../log.ts";
import { type Endpoint, jsonAnswer } from "../call.ts";
import { always, PRIVATE } from "../page-answers.ts";
import type { Health } from "../served.ts";

/** How long a look into the ledger serves, in milliseconds: anybody may ask, as often as they like. */
const KEPT_MS = 1000;

/** `GET /livez`: the process answers. */
export const livez: Endpoint = (call) =>
  jsonAnswer({ status: "alive" }, 200, { ...always(call), ...PRIVATE });

/**
 * `GET /readyz`: identifies can be stored, and the exchange is not about to stop. Vambe being down shows here and makes
 * nothing unready.
 */
export function readyz({ outbox, deliveries, stopping }: Health, log: Log): Endpoint {
  const look = shared(() => lookInto(outbox, log));
  return async (call) => {
    const headers = { ...always(call), ...PRIVATE };
    const found = await look();
    if (!found || stopping?.aborted) {
      const reason = found ? "the exchange is stopping" : "the database cannot be read";
      return jsonAnswer({ status: "not ready", ledger: found ? "ok" : "failed", reason }, 503, headers);
    }
    const { pause } = deliveries;
    const paused = pause && {
      paused: true,
      until: new Date(Date.now() + pause.forMs).toISOString(),
      because: pause.because,
    };
    const ready = { status: "ready", ledger: "ok", outbox: found, deliveries: paused ?? { paused: false } };
    return jsonAnswer(ready, 200, headers);
  };
}

/** `undefined` where the ledger fails. */
async function lookInto(outbox: Health["outbox"], log: Log) {
  try {
    const counts = await outbox.outbox(COUNTED_UP_TO);
    const age = await oldestAgeSeconds(outbox, Date.now());
    return { ...counts, counted_up_to: COUNTED_UP_TO, oldest_pending_seconds: age ?? null };
  } catch (error) {
    log.error("the ledger cannot be read", { cause: error });
    return undefined;
  }
}

/** One look for all who ask while it goes on and for a second from its beginning. */
function shared<T>(look: () => Promise<T>): () => Promise<T> {
  let found: Promise<T> | undefined;
  let began = 0;
  let ended = true;
  return () => {
    if (!found || (ended && performance.now() - began >= KEPT_MS)) {
      began = performance.now();
      ended = false;
      found = look().finally(() => {
        ended = true;
      });
    }
    return found;
  };
}
