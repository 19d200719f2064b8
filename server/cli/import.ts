import { UnfitInput } from "../import/columns.ts";
import { UnfitWords } from "../import/unfit-words.ts";
import { readArguments, takesNoMore, UsageError } from "./arguments.ts";
import { fail } from "./fail.ts";
import { shown } from "./shown.ts";

const HELP = `vambe-identity import: brings many users to Vambe at once, beside a running exchange or without one.

  vambe-identity import users.csv [--channel webchat|whatsapp|web-whatsapp] [--map trait=column,…]
  vambe-identity import users.csv --dry-run     what would be sent, what is refused and why, and how long it takes
  vambe-identity import users.csv --resume      goes on where it was broken off, as by Ctrl-C
  vambe-identity import -                       reads standard input

CSV with a header, or JSON Lines (a user a line, as a page passes it). Columns: id, name, email, phone, plan, company.id,
company.name, company.plan, and the traits of VAMBE_FIELDS; --map plan=subscription takes the plan from the column
subscription. An empty cell is left alone at Vambe.

Whom Vambe has already as he is costs no call. It keeps to VAMBE_MAX_RATE, together with the exchange; pages go first. What
does not go is written as CSV beside the file (users.failed.csv), with the reason. It needs the settings of the exchange
(VAMBE_API_KEY, VAMBE_CHANNEL_ID, VAMBE_FIELDS, VAMBE_DATABASE_URL, …). Exit code 1 where a row has failed.`;

const OPTIONS = {
  channel: { type: "string" },
  map: { type: "string", multiple: true },
  "dry-run": { type: "boolean" },
  resume: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

/** Prints, and sets the exit code: 1 for the surroundings or where rows have failed, 2 for the usage. */
export async function importUsers(args: string[], environment: NodeJS.ProcessEnv): Promise<void> {
  let path: string | undefined;
  try {
    const { values, positionals } = readArguments(args, OPTIONS);
    if (values.help) return console.log(HELP);
    const [file, ...others] = positionals;
    takesNoMore(others, "import");
    if (file === undefined)
      throw new UsageError("import takes a file, or - for standard input: see import --help");
    path = file;
    const { "dry-run": isDry = false, resume = false } = values;
    if (isDry && resume) throw new UsageError("--dry-run looks at all of it: leave --resume out");
    if (file === "-" && resume)
      throw new UsageError("--resume needs a file: standard input cannot be read again");
    const { prepareImport } = await import("../import/prepare.ts");
    const prepared = prepareImport(
      file,
      { channel: values.channel ?? "webchat", map: mapOf(values.map ?? []) },
      environment,
    );
    const { importFor, lookFor } = await import("./import-run.ts");
    await (isDry ? lookFor(await prepared) : importFor(await prepared, { resume }));
  } catch (error) {
    fail("import", said(error, path));
  }
}

/** In the operator's words. */
function said(error: unknown, path: string | undefined): unknown {
  if (error instanceof UnfitWords) return new UsageError(error.message);
  if (error instanceof UnfitInput) return new Error(shown(`${nameOf(path)} ${error.message}`));
  return ofFile(error, path) ?? error;
}

/** What the system says of a file: of the one that is read, or of those that are written beside it. */
function ofFile(error: unknown, read: string | undefined): Error | undefined {
  const { code, syscall, path = nameOf(read) } = Object(error);
  if (typeof syscall !== "string" || typeof code !== "string") return undefined;
  if (code === "ENOSPC") return new Error(`the disk is full, where ${shown(String(path))} is: make room`);
  return new Error(
    `${shown(String(path))} cannot be used (${code}): it has to be readable, and its folder writable, for this account`,
  );
}

const nameOf = (path: string | undefined): string => (path === "-" ? "standard input" : (path ?? "the file"));

/** `plan=subscription,account_id=acct` → trait → column */
function mapOf(texts: readonly string[]): Record<string, string> {
  const pairs = texts.flatMap((text) => text.split(",")).map((pair) => pair.trim());
  const map = new Map<string, string>();
  for (const pair of pairs) {
    const [, trait, column] = /^([^=]+)=(.+)$/.exec(pair) ?? [];
    if (trait === undefined || column === undefined)
      throw new UsageError("--map must be given as trait=column, such as --map plan=subscription");
    if (map.has(trait)) throw new UsageError(`--map names ${trait} twice: keep one of them`);
    map.set(trait.trim(), column.trim());
  }
  return Object.fromEntries(map);
}
