import type { Ledger } from "../ledger/contract/ledger.ts";
import { readSome } from "../settings/environment.ts";
import { readArguments, UsageError } from "./arguments.ts";
import { fail } from "./fail.ts";
import { type Command, OPTIONS } from "./outbox-command.ts";
import { withLedger } from "./with-ledger.ts";

const HELP = `vambe-identity outbox: what waits for delivery to Vambe, and how to mend it.

  vambe-identity outbox                     counts by state, the oldest age, the last errors, missing custom fields
  vambe-identity outbox list [--state pending|withheld|rejected] [--limit 50]
                                            the rows, those that have waited the longest first; never a name or an
                                            email
  vambe-identity outbox retry <id>          what waits of this user is due now: in back-off, or rejected by Vambe;
  vambe-identity outbox retry --all         or of everybody. Missing custom fields are looked for at once
  vambe-identity outbox resend <id>         nothing of this user counts as confirmed any more: all is sent when the user
  vambe-identity outbox resend --all        comes again; or of everybody. What still waits is due now, as by retry
  vambe-identity outbox move --from <channel> [--to <channel>] <id>
  vambe-identity outbox move --from <channel> [--to <channel>] --all
                                            what waits under another channel is due under this one, after a wrong
                                            VAMBE_CHANNEL_ID; --to is the present one where it is left out (needs
                                            VAMBE_API_KEY)
  vambe-identity outbox forget <id> [--erased <file>]
                                            erases all that is kept of this user. --erased adds a keyed digest of the
                                            id to a list, for vambe-identity restored (needs VAMBE_API_KEY)

Each takes --json: one JSON document instead of the text (docs/outbox.md). Works beside a running exchange, which follows
within five seconds. The database is the one that VAMBE_DATABASE_URL names. An id that begins with a dash goes after a
lone --: outbox forget -- -17.`;

/** Each is loaded when it is called. */
const COMMANDS = new Map<string, () => Promise<Command>>([
  ["summary", async () => (await import("./outbox-show.ts")).summary],
  ["list", async () => (await import("./outbox-show.ts")).list],
  ["retry", async () => (await import("./outbox-mend.ts")).retry],
  ["resend", async () => (await import("./outbox-mend.ts")).resend],
  ["move", async () => (await import("./outbox-mend.ts")).move],
  ["forget", async () => (await import("./outbox-mend.ts")).forget],
]);

/** Prints, and sets the exit code: 1 for the surroundings, 2 for the usage. */
export async function outbox(args: string[], environment: NodeJS.ProcessEnv): Promise<void> {
  try {
    const {
      values,
      positionals: [name = "summary", ...ids],
    } = readArguments(args, OPTIONS);
    if (values.help) return console.log(HELP);
    const command = await COMMANDS.get(name)?.();
    if (!command) throw new UsageError(`there is no command "outbox ${name}": see outbox --help`);
    const strange = Object.keys(values).find(
      (option) => option !== "json" && !command.takes.some((taken) => taken === option),
    );
    if (strange !== undefined) throw new UsageError(`outbox ${name} takes no --${strange}`);
    const run = command.prepare({ values, ids, environment });
    const { databaseUrl } = readSome(environment, ["databaseUrl"]);
    await withLedger(databaseUrl, async (ledger: Ledger) => {
      const { json, text } = await run(ledger);
      console.log(values.json ? JSON.stringify(json) : text);
    });
  } catch (error) {
    fail("outbox", error);
  }
}
