import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { explain } from "../../explain.ts";
import { kindOfDatabase } from "../../ledger/open.ts";
import { readDatabaseUrl } from "../../ledger/postgres/connect/url.ts";
import { EarlierDatabase } from "../../ledger/postgres/schema.ts";
import { EarlierFile } from "../../ledger/sqlite/schema.ts";
import { UnusableFile, unusable, whyNoFile } from "../../ledger/sqlite/unusable.ts";
import { check } from "../check.ts";
import { type Finding, failed, ok, skipped, warning } from "../finding.ts";
import { TooLong } from "../limits.ts";
import { remedyFor } from "./remedies.ts";
import { lockedNow, sqliteFileOf } from "./sqlite.ts";

const NAME = "database";

/** Whether it is there, of this version, and lets this account in. */
export const databaseReached = check({
  name: NAME,
  needs: ["databaseUrl"],
  after: (patient) => patient.database(),
  look: async ({ databaseUrl }, { patient }) => {
    if (databaseUrl === "memory:") return skipped(NAME, "is kept in memory, and cannot be seen from outside");
    const path = sqliteFileOf(databaseUrl);
    if (path !== undefined && !existsSync(path)) return notThereYet(resolve(path));
    if (lockedNow(databaseUrl)) {
      return failed(
        NAME,
        "is locked by another process, which lets nobody even read",
        "end what keeps it, such as an open shell, a copy or an import",
      );
    }
    try {
      await patient.database();
    } catch (error) {
      return troubleWith(error);
    }
    const where = path === undefined ? readDatabaseUrl(databaseUrl).where : resolve(path);
    return ok(NAME, `${kindOfDatabase(databaseUrl)} at ${where}, of this version`);
  },
});

function notThereYet(path: string): Finding {
  const why = whyNoFile(path);
  if (why) return failed(NAME, unusable(path, undefined).message, "see to that, or name another file");
  return warning(
    NAME,
    `there is none at ${path}: an exchange makes one when it starts`,
    "start the exchange. If it has run before, VAMBE_DATABASE_URL names another file, or the same name from another folder",
  );
}

function troubleWith(error: unknown): Finding {
  if (error instanceof EarlierFile || error instanceof EarlierDatabase) {
    return warning(
      NAME,
      error.message,
      "make a backup, then start this version's exchange: it brings it up to date",
    );
  }
  if (error instanceof TooLong) {
    return failed(
      NAME,
      "does not answer in time",
      "look at what is in between: a firewall, or a pooler without a server",
    );
  }
  const says = error instanceof UnusableFile ? error.message : explain(error);
  return failed(NAME, says, remedyFor(error));
}
