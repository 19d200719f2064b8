import { appendFileSync, readFileSync } from "node:fs";
import type { Secrets } from "../ledger/contract/secrets.ts";
import { DataKey } from "../ledger/data-key.ts";
import { unlockExisting } from "../ledger/unlock.ts";
import { readSome } from "../settings/environment.ts";

/** The list of users that were forgotten, one keyed digest of an id a line: a backup that is put back brings nobody of them back. */

/** The key of the database, for who has the API key. @throws where it is not set, or is another's */
export async function unlockedKey(environment: NodeJS.ProcessEnv, secrets: Secrets): Promise<DataKey> {
  const { apiKey, apiKeyPrevious } = readSome(environment, ["apiKey", "apiKeyPrevious"]);
  const key = new DataKey();
  await unlockExisting(key, secrets, { apiKey: apiKey ?? "", previous: apiKeyPrevious });
  return key;
}

export function appendErased(file: string, key: DataKey, userId: string): void {
  attempt(file, () => appendFileSync(file, `${key.idDigest(userId)}\n`, { mode: 0o600, flush: true }));
}

export function readErased(file: string, key: DataKey): (userId: string) => boolean {
  const digests = new Set(attempt(file, () => readFileSync(file, "utf8")).split("\n"));
  return (userId) => digests.has(key.idDigest(userId));
}

function attempt<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new Error(`the list of the erased, ${file}, cannot be used (${Object(error).code})`);
  }
}
