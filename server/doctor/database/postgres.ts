import type { Client } from "pg";
import { isPostgres } from "../../ledger/open.ts";
import { inCatalog } from "../../ledger/postgres/catalog.ts";
import { isBehindPooler } from "../../ledger/postgres/connect/pooler.ts";
import { isOpenToTheNetwork } from "../../ledger/postgres/connect/transport.ts";
import { readDatabaseUrl } from "../../ledger/postgres/connect/url.ts";
import { warningsOfGrants } from "../../ledger/postgres/grants.ts";
import { checkOwnership } from "../../ledger/postgres/ownership.ts";
import { UnfitDatabase } from "../../ledger/postgres/schema.ts";
import { check } from "../check.ts";
import { type Finding, failed, ok, skipped, warning } from "../finding.ts";
import { LIMIT_MS, NotTold } from "../limits.ts";
import { asDoctor } from "./as-doctor.ts";

const NAME = "PostgreSQL";

interface Facts {
  version: string;
  fsync: string;
  commit: string;
  standby: boolean;
  readOnly: string;
  exchanges: number;
}

/** What is asked without the search path that others could have put something into. Of its own connection alone. */
const FACTS = `
  SELECT current_setting('server_version') AS version, current_setting('fsync') AS fsync,
    current_setting('synchronous_commit') AS commit, pg_is_in_recovery() AS standby,
    current_setting('transaction_read_only') AS "readOnly",
    (SELECT count(*)::int FROM pg_stat_activity
      WHERE datname = current_database() AND usename = current_user AND application_name = $1) AS exchanges`;

/** By a connection of its own, since a command's ledger says nothing of the server. */
export const postgres = check({
  name: NAME,
  needs: ["databaseUrl"],
  look: async ({ databaseUrl }): Promise<Finding[]> => {
    if (!isPostgres(databaseUrl)) return [];
    const { PostgresDatabase } = await import("../../ledger/postgres/database.ts");
    const { client: options, tls } = readDatabaseUrl(databaseUrl);
    const database = new PostgresDatabase(asDoctor(databaseUrl), { mustExist: true });
    const client = database.newClient({ query_timeout: LIMIT_MS });
    try {
      await client.connect();
      const isPooled = await isBehindPooler(client);
      const [facts] = await inCatalog<Facts>(client, FACTS, [options.application_name]);
      if (!facts) throw new NotTold("says nothing of itself");
      return [
        transport(databaseUrl, tls.mode),
        isPooled
          ? ok(
              "pooler",
              "one is in between, which keeps a session for a transaction at least: that is enough",
            )
          : skipped("pooler", "none is in between"),
        durable(facts),
        ...(await account(client, (text) => database.named(text))),
        facts.exchanges > 0
          ? ok("served", `an exchange has it open at present (connections: ${facts.exchanges})`)
          : skipped("served", "no exchange has it open at present"),
      ];
    } catch (error) {
      // What stands in the way is told of by the check before, in words.
      if (error instanceof NotTold) throw error;
      throw new NotTold("cannot be asked: see above");
    } finally {
      client.end().catch(() => {});
      database.close().catch(() => {});
    }
  },
});

function transport(url: string, mode: string): Finding {
  if (isOpenToTheNetwork(url)) {
    return warning(
      "TLS",
      "the server is reached over a network, and nothing makes sure that it is the right one",
      "add ?sslmode=verify-full to VAMBE_DATABASE_URL, and &sslrootcert=<path> where the authority is your own",
    );
  }
  return mode === "off"
    ? ok("TLS", "none, and none is needed: the server is on this machine")
    : ok("TLS", "encrypted, and the server's certificate is checked");
}

function durable({ version, fsync, commit, standby, readOnly }: Facts): Finding {
  const name = "durable";
  if (standby || readOnly === "on") {
    return failed(
      name,
      "the server can only be read: is it a standby?",
      "name the primary in VAMBE_DATABASE_URL",
    );
  }
  if (fsync !== "on") {
    return failed(name, "fsync is off: a crash may damage the database", "set fsync = on at the server");
  }
  if (commit === "off") {
    return failed(
      name,
      "synchronous_commit is off: a crash would lose what was answered last, and the exchange does not start",
      "ALTER ROLE … SET synchronous_commit = on, for the exchange's account",
    );
  }
  return ok(name, `each commit is on the disk before it is answered (PostgreSQL ${version})`);
}

async function account(client: Client, named: (text: string) => string): Promise<Finding[]> {
  const name = "account";
  try {
    await checkOwnership(client, { isCommand: true });
  } catch (error) {
    if (!(error instanceof UnfitDatabase)) throw error;
    return [
      failed(
        name,
        named(error.message),
        "run doctor with the exchange's own account, then see docs/postgresql.md",
      ),
    ];
  }
  const found = (await warningsOfGrants(client)).map((text) => {
    const [says = "", ...remedy] = named(text).split(/: (?=unless|run )/);
    return warning(name, says, remedy.join(": ") || "see docs/postgresql.md");
  });
  return found.length > 0
    ? found
    : [ok(name, "what the exchange keeps is the account's own, and nobody else's to read")];
}
