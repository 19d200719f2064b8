import { oldestAgeSeconds } from "../../delivery/backlog.ts";
import { COUNTED_UP_TO } from "../../ledger/contract/outbox.ts";
import { NotWritable } from "../../ledger/contract/write-proof.ts";
import type { Log } from "../../log.ts";
import { onceASecond } from "../../once-a-second.ts";
import { type Endpoint, jsonAnswer } from "../call.ts";
import { always, PRIVATE } from "../page-answers.ts";
import type { Health } from "../served.ts";

/** `GET /livez`: the process answers. */
export const livez: Endpoint = (call) =>
  jsonAnswer({ status: "alive" }, 200, { ...always(call), ...PRIVATE });

/**
 * `GET /readyz`: identifies can be stored, and the exchange is not about to stop. Vambe being down shows here and makes
 * nothing unready.
 */
export function readyz({ ledger, writes, deliveries, stopping }: Health, log: Log): Endpoint {
  const look = onceASecond(() => lookInto(ledger, writes, log));
  return async (call) => {
    const found = await look();
    if (typeof found === "string") return notReady(found)(call);
    const headers = { ...always(call), ...PRIVATE };
    if (stopping?.aborted) {
      const reason = "the exchange is stopping";
      return jsonAnswer({ status: "not ready", ledger: "ok", reason }, 503, headers);
    }
    const { pause } = deliveries;
    const paused = pause && {
      paused: true,
      ...("forMs" in pause && { until: new Date(Date.now() + pause.forMs).toISOString() }),
      because: pause.because,
      // Without it, it is the webchat's.
      ...(pause.channel && { channel: pause.channel }),
    };
    const ready = { status: "ready", ledger: "ok", outbox: found, deliveries: paused ?? { paused: false } };
    return jsonAnswer(ready, 200, headers);
  };
}

/** `GET /readyz` where the ledger fails. */
export const notReady =
  (reason: string): Endpoint =>
  (call) =>
    jsonAnswer({ status: "not ready", ledger: "failed", reason }, 503, { ...always(call), ...PRIVATE });

/** @returns the reason where the ledger fails */
async function lookInto(ledger: Health["ledger"], writes: Health["writes"], log: Log) {
  try {
    // First: where a later version has changed the database, it knows why the others fail.
    await writes.prove();
    const counts = await ledger.outbox(COUNTED_UP_TO);
    const age = await oldestAgeSeconds(ledger, Date.now());
    return { ...counts, counted_up_to: COUNTED_UP_TO, oldest_pending_seconds: age ?? null };
  } catch (error) {
    if (error instanceof NotWritable) {
      log.error(`nothing can be recorded: ${error.reason}`, { cause: error.cause });
      return error.reason;
    }
    log.error("the ledger cannot be read", { cause: error });
    return "the database cannot be read";
  }
}
