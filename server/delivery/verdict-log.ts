import type { Log } from "../log.ts";
import type { Verdict } from "../vambe/client.ts";

/** Says what an operator should know of. */
export function logVerdict(log: Log, verdict: Verdict): void {
  if (verdict.kind === "unauthorized") {
    log.error("Vambe refuses VAMBE_API_KEY: deliveries are paused, nothing is lost", {
      upstream: verdict.status,
    });
  } else if (verdict.kind === "busy") {
    log.warn("Vambe asks to wait, or is out of quota for this key: deliveries are paused", {
      upstream: verdict.status,
    });
  } else if (verdict.kind === "failed") {
    log.warn("Vambe did not answer as it should: the delivery is tried again", {
      cause: verdict.cause,
    });
  }
}

export function logRejection(log: Log, cause: string): void {
  log.error("contact rejected by Vambe; it is kept, and sent again when the user's data changes", { cause });
}
