import type { Ledger } from "../ledger/contract/ledger.ts";
import { WAITING_STATES, type WaitingState } from "../ledger/contract/outbox.ts";
import { readSome } from "../settings/environment.ts";
import { readArguments, takesNoMore, UsageError } from "./arguments.ts";
import { appendErased, unlockedKey } from "./erased.ts";
import { fail } from "./fail.ts";
import { entryTable, summaryText } from "./outbox-tables.ts";
import { withLedger } from "./with-ledger.ts";

const HELP = `vambe-identity outbox: what waits for delivery to Vambe.

  vambe-identity outbox                     counts by state, the oldest age, the last errors, missing custom fields
  vambe-identity outbox list [--state pending|withheld|rejected] [--limit 50]
                                            the rows, those that have waited the longest first; never a name or an
                                            email
  vambe-identity outbox retry <id>          what waits of this user is due now: in back-off, or rejected by Vambe;
  vambe-identity outbox retry --all         or of everybody. Missing custom fields are looked for at once
  vambe-identity outbox forget <id> [--erased <file>]
                                            erases all that is kept of this user. --erased adds a keyed digest of the
                                            id to a list, for vambe-identity restored (needs VAMBE_API_KEY)

Works beside a running exchange, which follows within five seconds. The database is the one that
VAMBE_DATABASE_URL names. An id that begins with a dash goes after a lone --: outbox forget -- -17.`;

const OPTIONS = {
  state: { type: "string" },
  limit: { type: "string" },
  all: { type: "boolean" },
  erased: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

const SHOWN = 50;
const MOST_SHOWN = 10_000;
const ERRORS_SHOWN = 5;

type Options = ReturnType<typeof readArguments<typeof OPTIONS>>["values"];
interface Command {
  takes: readonly (keyof Options)[];
  /** Checks the words, and returns what there is to do once the ledger is open. */
  prepare(words: {
    values: Options;
    ids: string[];
    environment: NodeJS.ProcessEnv;
  }): (ledger: Ledger) => Promise<void>;
}

const COMMANDS = new Map<string, Command>([
  ["summary", { takes: [], prepare: prepareSummary }],
  ["list", { takes: ["state", "limit"], prepare: prepareList }],
  ["retry", { takes: ["all"], prepare: prepareRetry }],
  ["forget", { takes: ["erased"], prepare: prepareForget }],
]);

/** Prints, and sets the exit code: 1 for the surroundings, 2 for the usage. */
export async function outbox(args: string[], environment: NodeJS.ProcessEnv): Promise<void> {
  try {
    const {
      values,
      positionals: [name = "summary", ...ids],
    } = readArguments(args, OPTIONS);
    if (values.help) return console.log(HELP);
    const command = COMMANDS.get(name);
    if (!command) throw new UsageError(`there is no command "outbox ${name}": see outbox --help`);
    const strange = Object.keys(values).find((option) => !command.takes.some((taken) => taken === option));
    if (strange !== undefined) throw new UsageError(`outbox ${name} takes no --${strange}`);
    const run = command.prepare({ values, ids, environment });
    const { databaseUrl } = readSome(environment, ["databaseUrl"]);
    await withLedger(databaseUrl, run);
  } catch (error) {
    fail("outbox", error);
  }
}

function prepareSummary({ ids }: { ids: string[] }) {
  takesNoMore(ids, "outbox");
  return async (ledger: Ledger) => {
    const counts = await ledger.outbox();
    const oldestPending = await ledger.oldestPending();
    const errors = await ledger.lastErrors(ERRORS_SHOWN);
    console.log(
      summaryText({ counts, oldestPending, errors, missing: await ledger.missingFields() }, Date.now()),
    );
  };
}

function prepareList({ values, ids }: { values: Options; ids: string[] }) {
  takesNoMore(ids, "outbox");
  const state = readState(values.state);
  const limit = readLimit(values.limit);
  return async (ledger: Ledger) => {
    const entries = await ledger.entries({ state, limit: limit + 1 });
    if (entries.length === 0) return console.log("Nothing waits.");
    console.log(entryTable(entries.slice(0, limit), Date.now()));
    if (entries.length > limit) console.log(`\nThere are more: --limit takes up to ${MOST_SHOWN}.`);
  };
}

function prepareRetry({ values, ids: [id, ...more] }: { values: Options; ids: string[] }) {
  takesNoMore(more, "outbox");
  if ((id === undefined) === (values.all === undefined)) {
    throw new UsageError("retry takes the id of one user, or --all");
  }
  return async (ledger: Ledger) => {
    const rows = await ledger.retry(id, Date.now());
    if (rows === 0 && id !== undefined) throw new Error("nothing of this user waits");
    console.log(`Due now: ${rows}. A running exchange follows within five seconds, at its pace.`);
  };
}

function prepareForget({
  values: { erased },
  ids: [id, ...more],
  environment,
}: {
  values: Options;
  ids: string[];
  environment: NodeJS.ProcessEnv;
}) {
  takesNoMore(more, "outbox");
  if (id === undefined) throw new UsageError("forget takes the id of one user");
  return async (ledger: Ledger) => {
    // First: whoever is forgotten and not in the list would come back with a backup.
    if (erased !== undefined) appendErased(erased, await unlockedKey(environment, ledger), id);
    const found = await ledger.forget(id);
    console.log(
      found
        ? "Forgotten: the database knows nothing of this user any more."
        : "Nothing is kept of this user.",
    );
    // Also where nothing was found: what an earlier call has deleted may still be in the files.
    console.log(await ledger.purge("contacts"));
    console.log(
      "Not reached from here: the contact at Vambe, backups of the database, and your own site, which makes the user known again with the next identify.",
    );
  };
}

function readState(text: string | undefined): WaitingState | undefined {
  const state = WAITING_STATES.find((known) => known === text);
  if (text !== undefined && !state)
    throw new UsageError(`--state must be one of ${WAITING_STATES.join(", ")}`);
  return state;
}

function readLimit(text = `${SHOWN}`): number {
  const limit = /^\d+$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > MOST_SHOWN)
    throw new UsageError(`--limit must be a number from 1 to ${MOST_SHOWN}`);
  return limit;
}
