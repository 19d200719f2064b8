import type { Contacts } from "../../server/ledger/contract/contacts.ts";
import type { Delivery } from "../../server/ledger/row.ts";
import type { UserKey } from "../../server/ledger/user-key.ts";

/** One user's row, where it is due. */
export const takeOne = async (
  ledger: Pick<Contacts, "take">,
  { channelId, userId }: UserKey,
  now: number,
): Promise<Delivery | undefined> => (await ledger.take([{ channelId, userId }], now))[0];
