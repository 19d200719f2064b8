import { backoff } from "../backoff.ts";
import {
  type Delivery,
  LONGEST_ERROR,
  LONGEST_WAIT_MS,
  type Settlement,
  VALUE_REFUSED,
} from "../ledger/row.ts";
import { reasonOf } from "../vambe/verdict.ts";
import type { Attempt } from "./missing-fields.ts";
import type { Receipt } from "./waiting-pages.ts";

/** Between two tries of the same row, in milliseconds. */
const RETRY = { base: 1000, cap: LONGEST_WAIT_MS / 2 };

/**
 * What the end of an attempt means for its row.
 * @param isOwnFault whether a refusal is about this contact: otherwise it waits until that cause has passed
 */
export function settlementOf(
  { verdict, sent, valuesRefused: values, dropped, refusal, retryAt }: Attempt,
  { attempts }: Delivery,
  { isOwnFault = true } = {},
): Settlement {
  if (verdict.kind === "confirmed") {
    const { contactId } = verdict;
    const isOfValues = values.length > 0;
    const error = refusal && bounded(isOfValues ? refusal.replace(/^refused/, VALUE_REFUSED) : refusal);
    const refused = refusal !== undefined;
    return { kind: "delivered", sent, dropped, contactId, refused, values, error, retryAt };
  }
  const error = bounded(reasonOf(verdict));
  if (verdict.kind === "refused" && isOwnFault) return { kind: "rejected", error };
  const wait = backoff(attempts + 1, RETRY);
  const asked = verdict.kind === "busy" ? (verdict.retryAfterMs ?? 0) : 0;
  return { kind: "retry", at: Math.ceil(Date.now() + Math.max(wait, asked)), error };
}

/** What the pages that wait are told of it. */
export function receiptOf({ kind }: Settlement, { withheld, valuesRefused: refused }: Attempt): Receipt {
  if (kind === "delivered") return { status: kind, withheld, refused };
  return { status: kind === "rejected" ? kind : "queued" };
}

const bounded = (error: string): string => [...error].slice(0, LONGEST_ERROR).join("");
