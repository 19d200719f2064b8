import type { AdminState } from "../state.ts";

/** How long a row may wait before somebody should look, in milliseconds. As the log has it. */
const LONG_MS = 60_000;

/** Whether all is well, somebody should look one day, or now. */
export function healthOf({ at, ledger, deliveries }: AdminState): "running" | "attention" | "trouble" {
  if (!ledger.isRead) return "trouble";
  if (deliveries.paused) return "trouble";
  const { counts, oldestPending, missing } = ledger;
  const isLate = oldestPending !== undefined && at - oldestPending > LONG_MS;
  return isLate || counts.rejected > 0 || missing.length > 0 ? "attention" : "running";
}
