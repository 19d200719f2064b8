import { parseArgs } from "node:util";
import { SettingsError } from "../settings/check-settings.ts";
import { readIdentitySecrets } from "../settings/environment.ts";
import { signUser } from "../sign/sign.ts";
import { UsageError } from "./usage-error.ts";

const HELP = `vambe-identity sign: prints a proof (a JWT) of who is signed in, to try an exchange out.

  vambe-identity sign --id user-1 [--name "Jane Doe"] [--email jane@example.com] [--plan premium]
                      [--field key=value …] [--expires-in 600]

  --id           the user's id, as your site knows it
  --field        a custom field; may be given several times
  --expires-in   seconds until the proof expires, 1 to 3600 (600)

The secret comes from VAMBE_IDENTITY_SECRET (the first one of the list) or from the file that
VAMBE_IDENTITY_SECRET_FILE names.`;

const OPTIONS = {
  id: { type: "string" },
  name: { type: "string" },
  email: { type: "string" },
  plan: { type: "string" },
  field: { type: "string", multiple: true },
  "expires-in": { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

/** Prints the proof and nothing else on standard output. Sets the exit code: 1 for the environment, 2 for the usage. */
export async function sign(args: string[], environment: NodeJS.ProcessEnv): Promise<void> {
  try {
    const { help, id, field, "expires-in": expiresIn, ...traits } = readOptions(args);
    if (help) return console.log(HELP);
    if (id === undefined) throw new UsageError("--id is required: the user's id, as your site knows it");
    const user = { id, ...traits, ...(field && { fields: readFields(field) }) };
    const [secret = ""] = readIdentitySecrets(environment);
    console.log(await signUser(user, secret, { expiresIn: readSeconds(expiresIn) }));
  } catch (error) {
    explain(error);
  }
}

function readOptions(args: string[]) {
  try {
    return parseArgs({ args, options: OPTIONS }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : "The options cannot be read");
  }
}

function readFields(entries: string[]): Record<string, string> {
  const fields = new Map<string, string>();
  for (const entry of entries) {
    const [, name, value] = /^([^=]+)=(.*)$/s.exec(entry) ?? [];
    if (name === undefined || value === undefined) {
      throw new UsageError("--field must be given as key=value, such as --field seats=12");
    }
    if (fields.has(name)) throw new UsageError(`--field ${name} is given twice: keep one of them`);
    fields.set(name, value);
  }
  return Object.fromEntries(fields);
}

function readSeconds(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d+$/.test(text))
    throw new UsageError("--expires-in must be a whole number of seconds, such as 600");
  return Number(text);
}

/** None of these messages holds a secret. */
function explain(error: unknown): void {
  if (error instanceof SettingsError) {
    console.error(`vambe-identity cannot sign. ${error.message}`);
    process.exitCode = 1;
  } else if (error instanceof UsageError || error instanceof TypeError || error instanceof RangeError) {
    // The last two are signUser's, about what the options say.
    const message = error.message.replace(/^expiresIn/, "--expires-in");
    console.error(`vambe-identity cannot sign: ${message}\n\nSee vambe-identity sign --help.`);
    process.exitCode = 2;
  } else {
    throw error;
  }
}
