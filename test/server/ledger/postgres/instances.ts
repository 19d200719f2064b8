import type { Ledger } from "../../../../server/ledger/contract/ledger.ts";
import type { Notice, Shared } from "../../../../server/ledger/contract/shared.ts";
import { openLedger } from "../../../../server/ledger/open.ts";
import { dataKeyOf } from "../../../support/data-key.ts";

export const channelId = "a1b2c3d4-e5f6-7890-abcd-ef1234567890";

export interface Instance {
  ledger: Ledger;
  shared: Shared;
  heard: Notice[];
}

/** So many instances on one database, all of them open. */
export async function openInstances(count: number, url: string): Promise<Instance[] & AsyncDisposable> {
  const all = await Promise.all(
    Array.from({ length: count }, async () => {
      const ledger = await openLedger(url, dataKeyOf("key"), channelId);
      await ledger.takeOver();
      if (!ledger.shared) throw new Error("PostgreSQL is shared");
      return { ledger, shared: ledger.shared, heard: [] };
    }),
  );
  return Object.assign(all, {
    [Symbol.asyncDispose]: async () => void (await Promise.all(all.map(({ ledger }) => ledger.close()))),
  });
}

export function only([one]: Instance[]): Instance {
  if (!one) throw new Error("there is one");
  return one;
}

export function pair([one, two]: Instance[]): [Instance, Instance] {
  if (!one || !two) throw new Error("there are two");
  return [one, two];
}
