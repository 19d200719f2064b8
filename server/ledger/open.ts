import { existsSync } from "node:fs";
import type { Ledger } from "./contract/ledger.ts";
import type { Fingerprint } from "./fingerprint.ts";
import { PostgresDatabase } from "./postgres/database.ts";
import { PostgresLedger } from "./postgres/ledger.ts";
import { SqliteLedger } from "./sqlite/ledger.ts";

/**
 * @param url as `VAMBE_DATABASE_URL` has it; made where there is none
 * @param channelId whose rows are carried: those of others are another exchange's
 * @param warn is told of what an operator should see and that stops nothing
 */
export function openLedger(
  url: string,
  fingerprint: Fingerprint,
  channelId: string,
  warn?: (text: string) => void,
): Ledger {
  if (isPostgres(url))
    return new PostgresLedger(new PostgresDatabase(url, { warn }), fingerprint, channelId, warn);
  return new SqliteLedger(pathIn(url) ?? ":memory:", fingerprint, channelId, warn);
}

/** For a command that looks into what a running exchange keeps. @throws where there is nothing to look into */
export function openExistingLedger(url: string): Ledger {
  if (isPostgres(url))
    return new PostgresLedger(new PostgresDatabase(url, { mustExist: true }), noFingerprint, undefined);
  const path = pathIn(url);
  if (path === undefined) {
    throw new Error(
      "VAMBE_DATABASE_URL is memory: — what an exchange keeps there cannot be seen from outside",
    );
  }
  if (!existsSync(path)) {
    throw new Error(
      `there is no database at ${path}: set VAMBE_DATABASE_URL to the one that the exchange has, as seen from this folder, and start the exchange once before`,
    );
  }
  return new SqliteLedger(path, noFingerprint, undefined, undefined, { mayOnlyRead: true });
}

const isPostgres = (url: string): boolean => /^postgres(ql)?:/.test(url);

const pathIn = (url: string): string | undefined =>
  url === "memory:" ? undefined : url.replace(/^file:(\/\/)?/, "");

function noFingerprint(): never {
  throw new Error("a command that looks in records nothing");
}
