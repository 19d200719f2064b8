import type { Carried } from "../ledger/contract/carried.ts";
import type { Ledger } from "../ledger/contract/ledger.ts";
import type { MissingFields } from "../ledger/contract/missing-fields.ts";
import type { Outbox } from "../ledger/contract/outbox.ts";
import type { Secrets } from "../ledger/contract/secrets.ts";

/** What one loop asks of the ledger: the rows of its channel, and what all channels share. */
export type DeliveryLedger = Carried &
  MissingFields &
  Secrets &
  Pick<Outbox, "outbox"> &
  Pick<Ledger, "shared">;
