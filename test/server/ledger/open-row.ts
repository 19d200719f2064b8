import type { ContactTraits } from "../../../server/ledger/contact-traits.ts";
import type { Claim, Delivery, Recorded, Row, Settlement } from "../../../server/ledger/row.ts";
import { record, settle } from "../../../server/ledger/rules.ts";
import { dataKeyOf } from "../../support/data-key.ts";

export const { fingerprint } = dataKeyOf("key");
const key = { channelId: "c", userId: "u" };
export const claimOf = (traits: ContactTraits, verified = true): Claim => ({ ...key, traits, verified });

/** One row, through what is asked of it and what becomes of its deliveries. */
export function openRow() {
  let row: Row | undefined;
  const ask = (traits: ContactTraits, verified?: boolean): Recorded => {
    const answer = record(row, claimOf(traits, verified), fingerprint, Date.now());
    row = answer.row ?? row;
    return answer.recorded;
  };
  const now = (): Row => {
    if (!row) throw new Error("nothing has been asked yet");
    return row;
  };
  const take = (): Delivery => ({
    ...key,
    generation: now().generation,
    lease: 0,
    traits: now().pending,
    attempts: now().attempts,
  });
  const end = (delivery: Delivery, settlement: Settlement) => {
    row = settle(now(), delivery, settlement, fingerprint);
  };
  const confirm = (delivery: Delivery, sent = delivery.traits) =>
    end(delivery, { kind: "delivered", sent, contactId: undefined });
  return { ask, now, take, end, confirm };
}
