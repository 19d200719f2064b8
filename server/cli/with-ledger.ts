import type { Ledger } from "../ledger/contract/ledger.ts";
import { openExistingLedger } from "../ledger/open.ts";

/** Looks into the database that an exchange has, and closes it again. @throws where there is none, and what `work` throws */
export async function withLedger(
  databaseUrl: string | undefined,
  work: (ledger: Ledger) => Promise<void>,
): Promise<void> {
  const ledger = await openExistingLedger(databaseUrl ?? "");
  try {
    await work(ledger);
  } finally {
    await ledger.close();
  }
}
