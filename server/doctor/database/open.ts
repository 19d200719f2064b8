import type { Ledger } from "../../ledger/contract/ledger.ts";
import { DataKey } from "../../ledger/data-key.ts";
import { isPostgres, openExistingLedger } from "../../ledger/open.ts";
import { type ApiKeys, unlockExisting } from "../../ledger/unlock.ts";
import type { Settings } from "../../settings/check-settings.ts";
import { NotTold } from "../limits.ts";
import { asDoctor } from "./as-doctor.ts";
import { lockedNow } from "./sqlite.ts";

export interface OpenDatabase {
  ledger: Ledger;
  /** The database's key, for who has the API key; otherwise why it is not known. */
  key: DataKey | Error;
}

/** As every command opens it: nothing is made and nothing is brought up to date. @throws what stands in the way */
export async function openForDoctor({
  databaseUrl,
  apiKey,
  apiKeyPrevious,
}: Partial<Settings>): Promise<OpenDatabase> {
  if (databaseUrl === undefined) throw new NotTold("needs VAMBE_DATABASE_URL, which is wrong");
  if (databaseUrl === "memory:") throw new NotTold("what is kept in memory: cannot be seen from outside");
  // It would be waited for, and everything else with it.
  if (lockedNow(databaseUrl)) throw new NotTold("another process keeps the database locked");
  const ledger = await openExistingLedger(isPostgres(databaseUrl) ? asDoctor(databaseUrl) : databaseUrl);
  try {
    // The first that goes to the database, where it is PostgreSQL.
    await ledger.secretUses();
    return { ledger, key: await keyOf(ledger, { apiKey: apiKey ?? "", previous: apiKeyPrevious }) };
  } catch (error) {
    await ledger.close().catch(() => {});
    throw error;
  }
}

async function keyOf(ledger: Ledger, apiKeys: ApiKeys): Promise<DataKey | Error> {
  const key = new DataKey();
  return unlockExisting(key, ledger, apiKeys).then(
    () => key,
    (error: unknown) => (error instanceof Error ? error : new Error("the database's key cannot be read")),
  );
}
