import { createInterface } from "node:readline/promises";
import type { Ledger } from "../ledger/contract/ledger.ts";
import { readSome } from "../settings/environment.ts";
import {
  isPublished,
  isSigning,
  type KeptKey,
  readKeys,
  retireKey,
  rotateKeys,
  UnknownKey,
} from "../token/kept-keys.ts";
import { readArguments, takesNoMore, UsageError } from "./arguments.ts";
import { fail } from "./fail.ts";
import { keyTable, secretTable } from "./key-tables.ts";
import { momentOf } from "./table.ts";
import { withLedger } from "./with-ledger.ts";

const HELP = `vambe-identity keys: the keys that sign the tokens, and how much the site's secrets are used.

  vambe-identity keys list                  what there is
  vambe-identity keys rotate                a new key signs from now on; the one before stays published until its
                                            last token has expired
  vambe-identity keys retire <kid> [--yes]  take a key out at once, as after a leak; where it is the one that signs,
                                            a new one is made in the same step

Works beside a running exchange, which follows within 30 seconds. The database is the one that VAMBE_DATABASE_URL
names. With VAMBE_IDENTITY_SECRET set too, the list says which place each secret has in it.`;

const OPTIONS = { yes: { type: "boolean" }, help: { type: "boolean", short: "h" } } as const;

const FOLLOWS = "A running exchange follows within 30 seconds.";

/** Prints, and sets the exit code: 1 for the surroundings, 2 for the usage. */
export async function keys(args: string[], environment: NodeJS.ProcessEnv): Promise<void> {
  try {
    const { values, positionals } = readArguments(kidsBehindDashes(args), OPTIONS);
    const [command, ...rest] = positionals;
    if (values.help || command === undefined) return console.log(HELP);
    const run = COMMANDS.get(command);
    if (!run) throw new UsageError(`there is no command "keys ${command}"`);
    const settings = readSome(environment, ["databaseUrl", "signingKey", "identitySecrets"]);
    if (settings.signingKey !== undefined && command !== "list") {
      throw new Error(
        "the signing key comes from VAMBE_SIGNING_KEY and not from the database: put another one there and restart the exchange",
      );
    }
    await withLedger(settings.databaseUrl, (ledger) =>
      run({ ledger, settings, rest, confirmed: values.yes === true }),
    );
  } catch (error) {
    fail("keys", error);
  }
}

/** A kid (RFC 7638) may begin with a dash, and is no option for that. */
const kidsBehindDashes = (args: string[]) => {
  const isKid = (arg: string) => /^-[\w-]{42}$/.test(arg);
  return [...args.filter((arg) => !isKid(arg)), "--", ...args.filter(isKid)];
};

interface Run {
  ledger: Ledger;
  settings: ReturnType<typeof readSome>;
  rest: string[];
  confirmed: boolean;
}

const COMMANDS = new Map<string, (run: Run) => Promise<void>>([
  ["list", list],
  ["rotate", rotate],
  ["retire", retire],
]);

async function list({ ledger, settings, rest }: Run): Promise<void> {
  takesNoMore(rest, "keys");
  console.log(await keyTable(await readKeys(ledger), settings.signingKey, Date.now()));
  console.log(`\n${secretTable(await ledger.secretUses(), settings.identitySecrets ?? [])}`);
}

async function rotate({ ledger, rest }: Run): Promise<void> {
  takesNoMore(rest, "keys");
  const changed = await rotateKeys(ledger, Date.now());
  const before = changed.filter((key) => !isSigning(key)).at(-1);
  console.log(`${signingKid(changed)} signs from now on. ${FOLLOWS}`);
  if (before) console.log(`${before.kid} stays published until ${momentOf(before.publishedUntil ?? 0)}.`);
  console.log(await ledger.purge("secrets"));
}

async function retire({ ledger, rest, confirmed }: Run): Promise<void> {
  const [kid, ...more] = rest;
  if (kid === undefined) throw new UsageError("retire takes the kid of a key, as `keys list` shows it");
  takesNoMore(more, "keys");
  const found = (await readKeys(ledger)).find((key) => key.kid === kid);
  if (!found) throw new UnknownKey();
  if (!isPublished(found, Date.now())) {
    console.log(`${kid} is retired already.`);
    return console.log(await ledger.purge("secrets"));
  }
  const consequence = `Tokens that ${kid} has signed stop verifying.${
    isSigning(found) ? " It is the key that signs: a new one is made in the same step." : ""
  }`;
  if (!(confirmed || (await agreed(consequence)))) {
    throw new UsageError(`nothing was changed. ${consequence} Add --yes to do it.`);
  }
  const changed = await retireKey(ledger, kid, Date.now());
  console.log(`${kid} is retired; ${signingKid(changed)} signs. ${FOLLOWS}`);
  console.log(
    "Who checks tokens and keeps a copy of the JWKS goes on accepting the old ones until he reads it again.",
  );
  console.log(await ledger.purge("secrets"));
}

async function agreed(consequence: string): Promise<boolean> {
  if (!process.stdin.isTTY) return false;
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(`${consequence} Go on? [y/N] `);
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}

const signingKid = (all: KeptKey[]): string => all.find(isSigning)?.kid ?? "";
