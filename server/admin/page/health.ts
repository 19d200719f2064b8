import { WARN_AFTER_MS } from "../../delivery/backlog.ts";
import type { AdminState } from "../state.ts";

/** Whether all is well, somebody should look one day, or now. */
export function healthOf({ at, ledger, deliveries }: AdminState): "running" | "attention" | "trouble" {
  if (!ledger.isRead) return "trouble";
  if (deliveries.paused) return "trouble";
  const { counts, oldestPending, missing } = ledger;
  const isLate = oldestPending !== undefined && at - oldestPending > WARN_AFTER_MS;
  return isLate || counts.rejected > 0 || missing.length > 0 ? "attention" : "running";
}
