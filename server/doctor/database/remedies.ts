import { codeOf } from "../../ledger/sqlite/busy.ts";

/** By SQLSTATE, or the code of the connection. What stands in the message already is not said again. */
const POSTGRES: Record<string, string> = {
  "28000": "give the account LOGIN, and let it in from here (pg_hba.conf)",
  "28P01":
    "write the right user and password into VAMBE_DATABASE_URL (in a password % is %25, @ is %40, / is %2F)",
  "3D000": "CREATE DATABASE, or mend the name",
  "42501": "GRANT CREATE ON DATABASE … TO …, or give it the schema with ALTER SCHEMA … OWNER TO …",
  "53300": "raise max_connections at the server, or put ?max=<fewer> into VAMBE_DATABASE_URL",
  "25006": "name the primary",
  ECONNREFUSED: "start PostgreSQL, and let it listen there (listen_addresses), or mend VAMBE_DATABASE_URL",
  ENOTFOUND: "look for a typing error in the host of VAMBE_DATABASE_URL",
};

/** By SQLite's primary result code. */
const SQLITE: Record<number, string> = {
  11: "put a backup back, and run vambe-identity restored",
  13: "make room",
  26: "name the exchange's own file: this one is no database",
};

/** What to do where a database cannot be opened, beside what the message says. */
export function remedyFor(error: unknown): string {
  const { code }: { code?: unknown } = Object(error);
  const known = POSTGRES[String(code)] ?? SQLITE[codeOf(error) ?? 0];
  return known ?? "do what it says, and run doctor again (docs/postgresql.md, docs/deploy.md)";
}
