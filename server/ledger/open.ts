import { existsSync } from "node:fs";
import type { Channels } from "./contract/carried.ts";
import type { Ledger } from "./contract/ledger.ts";
import { DataKey } from "./data-key.ts";

/** Each is loaded only where a URL asks for it. */
const postgres = async () => ({
  ...(await import("./postgres/database.ts")),
  ...(await import("./postgres/ledger.ts")),
});
const sqlite = () => import("./sqlite/ledger.ts");

/**
 * @param url as `VAMBE_DATABASE_URL` has it; made where there is none
 * @param channels whose rows are carried: those of others are another exchange's
 * @param warn is told of what an operator should see and that stops nothing
 * @param note is told of what is as it should be, and good to know
 */
export async function openLedger(
  url: string,
  key: DataKey,
  channels: Channels,
  warn?: (text: string) => void,
  note?: (text: string) => void,
): Promise<Ledger> {
  if (isPostgres(url)) {
    const { PostgresDatabase, PostgresLedger } = await postgres();
    return new PostgresLedger(new PostgresDatabase(url, { warn, note }), key, channels, warn);
  }
  const { SqliteLedger } = await sqlite();
  return new SqliteLedger(pathIn(url) ?? ":memory:", key, channels, warn);
}

/**
 * For a command that looks into what a running exchange keeps.
 * @param key for who has to read or record what is sealed
 * @throws where there is nothing to look into
 */
export async function openExistingLedger(url: string, key = new DataKey()): Promise<Ledger> {
  if (isPostgres(url)) {
    const { PostgresDatabase, PostgresLedger } = await postgres();
    return new PostgresLedger(new PostgresDatabase(url, { mustExist: true }), key, undefined);
  }
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
  const { SqliteLedger } = await sqlite();
  return new SqliteLedger(path, key, undefined, undefined, { isCommand: true });
}

/** As the log names it. */
export const kindOfDatabase = (url: string): "PostgreSQL" | "SQLite" | "memory" => {
  if (isPostgres(url)) return "PostgreSQL";
  return pathIn(url) === undefined ? "memory" : "SQLite";
};

export const isPostgres = (url: string): boolean => /^postgres(ql)?:/.test(url);

/** The path of an SQLite file; `undefined` for `memory:`. */
export const pathIn = (url: string): string | undefined =>
  url === "memory:" ? undefined : url.replace(/^file:(\/\/)?/, "");
