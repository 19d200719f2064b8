import { backoff } from "../backoff.ts";
import { type Delivery, LONGEST_WAIT_MS, type Settlement } from "../ledger/row.ts";
import type { Attempt } from "./missing-fields.ts";

/** Between two tries of the same row, in milliseconds. */
const RETRY = { base: 1000, cap: LONGEST_WAIT_MS / 2 };

/** What the end of an attempt means for its row. */
export function settlementOf(
  { verdict, sent, refused, retryAt }: Attempt,
  { attempts }: Delivery,
): Settlement {
  if (verdict.kind === "confirmed") {
    return { kind: "delivered", sent, contactId: verdict.contactId, refused, retryAt };
  }
  if (verdict.kind === "refused") return { kind: "rejected", error: `refused (${verdict.status})` };
  const wait = backoff(attempts + 1, RETRY);
  const asked = verdict.kind === "busy" ? (verdict.retryAfterMs ?? 0) : 0;
  return {
    kind: "retry",
    at: Math.ceil(Date.now() + Math.max(wait, asked)),
    error: verdict.kind === "failed" ? verdict.cause : `${verdict.kind} (${verdict.status})`,
  };
}
