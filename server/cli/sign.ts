import { explain } from "../explain.ts";
import { readIdentitySecrets } from "../settings/environment.ts";
import { signUser } from "../sign/sign.ts";
import { readArguments, UsageError } from "./arguments.ts";

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
    const { values } = readArguments(args, OPTIONS, { allowPositionals: false });
    const { help, id, field, "expires-in": expiresIn, ...traits } = values;
    if (help) return console.log(HELP);
    if (id === undefined) throw new UsageError("--id is required: the user's id, as your site knows it");
    const user = { id, ...traits, ...(field && { fields: readFields(field) }) };
    const [secret = ""] = readIdentitySecrets(environment);
    console.log(await signUser(user, secret, { expiresIn: readSeconds(expiresIn) }));
  } catch (error) {
    failToSign(error);
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
function failToSign(error: unknown): void {
  // A TypeError or a RangeError is signUser's, about what the options say.
  const isUsage = [UsageError, TypeError, RangeError].some((kind) => error instanceof kind);
  const reason = explain(error).replace(/^expiresIn/, "--expires-in");
  console.error(
    isUsage
      ? `vambe-identity cannot sign: ${reason}\n\nSee vambe-identity sign --help.`
      : `vambe-identity cannot sign. ${reason}`,
  );
  process.exitCode = isUsage ? 2 : 1;
}
