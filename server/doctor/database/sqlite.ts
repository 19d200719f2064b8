import { existsSync } from "node:fs";
import { isPostgres, pathIn } from "../../ledger/open.ts";
import { isBusy } from "../../ledger/sqlite/busy.ts";
import { nodeSqlite } from "../../ledger/sqlite/node-sqlite.ts";

/** The SQLite file that the URL names, if it does. */
export const sqliteFileOf = (url: string): string | undefined => (isPostgres(url) ? undefined : pathIn(url));

/** Whether another process keeps even those out who only read. Waits for nobody. */
export function lockedNow(url: string): boolean {
  const path = sqliteFileOf(url);
  if (path === undefined || !existsSync(path)) return false;
  try {
    const db = new (nodeSqlite().DatabaseSync)(path, { readOnly: true });
    try {
      db.prepare("SELECT count(*) FROM sqlite_schema").get();
    } finally {
      db.close();
    }
    return false;
  } catch (error) {
    return isBusy(error);
  }
}
