import type { Settlement } from "./ledger.ts";

/** When the row is to be tried again, where the settlement says. */
export const retryTimeOf = (settlement: Settlement): number | undefined =>
  settlement.kind === "retry"
    ? settlement.at
    : settlement.kind === "delivered"
      ? settlement.retryAt
      : undefined;
