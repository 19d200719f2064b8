import { openCarrier, openToLook } from "../import/carrier.ts";
import {
  type Checkpoint,
  checkpointPath,
  checkSame,
  readCheckpoint,
  removeCheckpoint,
  type Same,
  writeCheckpoint,
} from "../import/checkpoint.ts";
import { UnfitInput } from "../import/columns.ts";
import { foresee } from "../import/dry-run.ts";
import { Failures } from "../import/failures.ts";
import { countLines } from "../import/input-file.ts";
import type { Prepared } from "../import/prepare.ts";
import { Progress, spanOf } from "../import/progress.ts";
import { type Counts, type Imported, runImport } from "../import/run-import.ts";
import { createLog } from "../log.ts";
import { isForPerson } from "./is-for-person.ts";
import { shown } from "./shown.ts";
import { terminalLine } from "./terminal-line.ts";

/** Between two times that it is written down how far an import has come, in milliseconds. */
const WRITE_EVERY_MS = 1000;

/** Says what an import would do. */
export async function lookFor({ settings, columns, judge, rows, unused }: Prepared): Promise<void> {
  const ledger = await openToLook(settings);
  try {
    const seen = await foresee(rows, judge, ledger);
    const seconds = seen.calls / settings.maxRate;
    const said = [
      `Rows: ${number(seen.rows)}. Known to Vambe as they are: ${number(seen.known)}. Refused here: ${number(seen.refused)}.`,
      `Calls to Vambe: ${number(seen.calls)}, in ${spanOf(seconds)} at ${settings.maxRate} a second (VAMBE_MAX_RATE).`,
      ...(columns ? goNowhere(unused) : goNowhere(seen.nowhere, "Names")),
      ...[...seen.reasons].map(
        ([reason, { rows, lines }]) =>
          `${number(rows)} × ${shown(reason)} (line ${lines.join(", ")}${rows > lines.length ? ", …" : ""})`,
      ),
      "Nothing was sent or written.",
    ];
    console.log(said.join("\n"));
    if (seen.refused > 0) process.exitCode = 1;
  } finally {
    await ledger?.close();
  }
}

/** Imports until all is done, or until SIGINT or SIGTERM. */
export async function importFor(prepared: Prepared, { resume }: { resume: boolean }): Promise<void> {
  const { settings, source, columns, unused, judge, rows } = prepared;
  const { stats } = source;
  const path = checkpointPath(source.name);
  const same = sameOf(prepared);
  const before = same && earlier(path, same, resume);
  const from = resume ? before : undefined;
  const counts: Counts = from?.counts ?? { sent: 0, known: 0, failed: 0, waiting: 0 };
  const failures = new Failures(failedPath(stats ? source.name : "import"), columns, from?.failedBytes ?? 0);
  const isTerminal = process.stderr.isTTY === true && process.env.TERM !== "dumb";
  const progress = new Progress(process.stderr, isTerminal);
  const total = stats && (await countLines(source)) - (columns ? 1 : 0);
  const log = createLog(
    (line) => progress.say(line),
    isForPerson(process.env, process.stderr) ? terminalLine : undefined,
  );
  const carrier = await openCarrier(settings, log);
  const stopping = stopOnSignals();
  progress.say(
    `Importing ${source.name}${total === undefined ? "" : `, about ${number(total)} rows`}, at ${settings.maxRate} a second at the most${carrier.isBeside ? ", by way of the exchange that is running" : ""}.`,
  );
  if (before && !resume)
    progress.say(
      `An import of it was broken off after ${number(before.rows)} rows: --resume goes on there. This one begins anew.`,
    );
  for (const line of goNowhere(unused)) progress.say(line);
  let writtenAt = 0;
  const write = (reached: number) => {
    if (!same) return;
    failures.flush();
    writeCheckpoint(path, { ...same, rows: reached, failedBytes: failures.bytes, counts });
    writtenAt = performance.now();
  };
  let reached = from?.rows ?? 0;
  try {
    // From now on it can be resumed.
    write(reached);
    const imported = await runImport({
      rows,
      judge,
      carrier,
      failures,
      maxRate: settings.maxRate,
      skip: reached,
      counts,
      stopping,
      reached: (rows) => {
        progress.show({ rows, failed: counts.failed, share: total && Math.min(1, rows / total) });
        if (rows === reached) return;
        reached = rows;
        if (performance.now() - writtenAt > WRITE_EVERY_MS) write(rows);
      },
    });
    if (imported.isWhole && stats) removeCheckpoint(path);
    for (const line of saidOf(imported, counts, failures.path)) progress.say(line);
    if (!columns) for (const line of goNowhere(imported.nowhere, "Names")) progress.say(line);
    const hasChanged = source.hasChanged();
    if (hasChanged) progress.say(CHANGED);
    else if (!imported.isWhole)
      progress.say(stats ? `Stopped. ${commandOf(prepared)} --resume goes on.` : "Stopped.");
    if (!imported.isWhole || hasChanged || counts.failed + counts.waiting > 0) process.exitCode = 1;
    if (!imported.isWhole) write(imported.rows);
  } catch (error) {
    progress.say(`Broken off after ${number(reached)} rows${howOn(error, stats !== undefined)}.`);
    // On a disk that is full, what was written last serves as well.
    try {
      write(reached);
    } catch {}
    throw error;
  } finally {
    source.close();
    failures.close();
    await carrier.close();
  }
}

/** Which import it is; `undefined` of a pipe, which nobody can go back to. */
function sameOf({ source: { stats }, words, settings }: Prepared): Same | undefined {
  if (!stats) return undefined;
  const { size, mtimeMs } = stats;
  const { channelId, whatsappPhone, fields } = settings;
  return {
    file: { size, mtimeMs },
    ...words,
    target: JSON.stringify({ channelId, whatsappPhone, fields }),
  };
}

/** How far the same import has come before. Where this one begins anew, it does not matter that nobody can tell. */
function earlier(path: string, same: Same, resume: boolean): Checkpoint | undefined {
  try {
    const before = readCheckpoint(path);
    if (before) checkSame(before, same);
    else if (resume) throw new UnfitInput("was not broken off: there is nothing to resume");
    return before;
  } catch (error) {
    if (resume || !(error instanceof UnfitInput)) throw error;
    return undefined;
  }
}

/** As it was called, without --resume. */
function commandOf({ source, words: { channel, map } }: Prepared): string {
  const pairs = Object.entries(map).map((pair) => pair.join("="));
  return [
    `vambe-identity import ${source.name}`,
    ...(channel === "webchat" ? [] : [`--channel ${channel}`]),
    ...(pairs.length === 0 ? [] : [`--map ${pairs.join(",")}`]),
  ].join(" ");
}

const CHANGED =
  "The file was written to meanwhile, so it may not have been read as it is now: import it anew. Whom Vambe has already costs no call.";

/** What to do after an error. */
function howOn(error: unknown, isFile: boolean): string {
  if (!isFile) return "";
  return error instanceof UnfitInput
    ? ". Once the file is mended, import it anew: whom Vambe has already costs no call"
    : ": --resume goes on once that is mended";
}

/** The first signal lets what is under way end; the second ends the process. */
function stopOnSignals(): AbortSignal {
  const stopping = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.on(signal, () => {
      if (stopping.signal.aborted) process.exit(1);
      stopping.abort();
    });
  return stopping.signal;
}

function saidOf({ rows, missing }: Imported, counts: Counts, failedPath: string): string[] {
  const failed = counts.failed + counts.waiting;
  return [
    `Rows: ${number(rows)}. Sent: ${number(counts.sent)}. Known to Vambe as they are: ${number(counts.known)}. Failed: ${number(counts.failed)}.${counts.waiting > 0 ? ` Still tried: ${number(counts.waiting)} (vambe-identity outbox list).` : ""}`,
    ...(failed > 0 ? [`What failed, and why: ${failedPath}`] : []),
    ...[...missing].map(
      ([key, contacts]) =>
        `Vambe has no custom field ${key}: ${number(contacts)} contacts went without it, and it follows by itself once it exists.`,
    ),
  ];
}

/** Of CSV it is known from the header on, of JSON Lines in the end. */
const goNowhere = (unused: readonly string[], what = "Columns"): string[] =>
  unused.length === 0
    ? []
    : [`${what} that go nowhere, since VAMBE_FIELDS does not list them: ${shown(unused.join(", "))}.`];

/** `users.csv` → `users.failed.csv` */
const failedPath = (input: string): string =>
  `${input.replace(/\.(csv|tsv|txt|jsonl|ndjson|json)$/i, "")}.failed.csv`;

const number = (count: number): string => count.toLocaleString("en");
