import { readSome } from "../settings/environment.ts";
import { readArguments, takesNoMore, UsageError } from "./arguments.ts";
import { fail } from "./fail.ts";
import { withLedger } from "./with-ledger.ts";

const HELP = `vambe-identity backup: a copy of an SQLite database, beside a running exchange.

  vambe-identity backup <file>              writes it as it is at one moment; the file must not exist yet

The database is the one that VAMBE_DATABASE_URL names. A plain copy of a file that is in use lacks what is in the log
beside it. What waits in it for delivery is sealed: it can be read with VAMBE_API_KEY only, so keep that elsewhere. After
a backup has been put back, run vambe-identity restored.`;

const OPTIONS = { help: { type: "boolean", short: "h" } } as const;

/** Prints, and sets the exit code: 1 for the surroundings, 2 for the usage. */
export async function backup(args: string[], environment: NodeJS.ProcessEnv): Promise<void> {
  try {
    const {
      values,
      positionals: [file, ...more],
    } = readArguments(args, OPTIONS);
    if (values.help) return console.log(HELP);
    takesNoMore(more, "backup");
    if (file === undefined) throw new UsageError("backup takes the file that it is to write");
    const { databaseUrl } = readSome(environment, ["databaseUrl"]);
    await withLedger(databaseUrl, (ledger) => ledger.backup(file));
    console.log(`Written: ${file}`);
  } catch (error) {
    fail("backup", error);
  }
}
