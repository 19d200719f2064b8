import { readSome } from "../settings/environment.ts";
import { readArguments, takesNoMore } from "./arguments.ts";
import { readErased, unlockedKey } from "./erased.ts";
import { fail } from "./fail.ts";
import { withLedger } from "./with-ledger.ts";

const HELP = `vambe-identity restored: what has to be done after a backup of the database has been put back.

  vambe-identity restored [--erased <file>]

Run it before the exchange is started. What waits in the backup is older than what Vambe may have got since, so it is held
until its user comes again or you run vambe-identity outbox retry; everybody who comes again is sent once, at the usual
pace. --erased names the list that outbox forget --erased has kept: whoever stands in it is forgotten again (this needs
VAMBE_API_KEY). The database is the one that VAMBE_DATABASE_URL names.`;

const OPTIONS = { erased: { type: "string" }, help: { type: "boolean", short: "h" } } as const;

/** Prints, and sets the exit code: 1 for the surroundings, 2 for the usage. */
export async function restored(args: string[], environment: NodeJS.ProcessEnv): Promise<void> {
  try {
    const { values, positionals } = readArguments(args, OPTIONS);
    if (values.help) return console.log(HELP);
    takesNoMore(positionals, "restored");
    const { databaseUrl } = readSome(environment, ["databaseUrl"]);
    await withLedger(databaseUrl, async (ledger) => {
      const isErased =
        values.erased === undefined
          ? () => false
          : readErased(values.erased, await unlockedKey(environment, ledger));
      const { held, forgotten } = await ledger.restored(isErased);
      console.log(
        `Held: ${held}. Each goes out when its user comes again, or with vambe-identity outbox retry <id> | --all.`,
      );
      console.log("Everybody who comes again is sent once.");
      if (values.erased !== undefined) console.log(`Forgotten again: ${forgotten}.`);
      if (forgotten > 0) console.log(await ledger.purge("contacts"));
      console.log(
        "Signing keys are as they were then: what has been retired since has to be retired again (keys list).",
      );
    });
  } catch (error) {
    fail("restored", error);
  }
}
