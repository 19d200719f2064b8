import { examine } from "../doctor/examination.ts";
import { worstOf } from "../doctor/finding.ts";
import { EXIT_CODES, jsonOf, textOf } from "../doctor/report.ts";
import { readWhatHolds } from "../settings/environment.ts";
import { readArguments, takesNoMore, UsageError } from "./arguments.ts";
import { fail } from "./fail.ts";

const HELP = `vambe-identity doctor: looks at the settings, the database, Vambe, the proofs and the public URL, beside a running
exchange, and says what is wrong and how to mend it.

  vambe-identity doctor                     a list of checks: ✓ as it should be, ! a warning, ✗ wrong, – not looked at
  vambe-identity doctor --json              the same for machines: { version, verdict, checks }
  vambe-identity doctor --send <id>         makes a real contact at Vambe as well, for this test user of yours

The settings are those of the environment, as for serve: run it where the exchange runs, as its account. Without --send,
Vambe is asked for lists alone. It ends within ten seconds. The exit code is 0 where all is as it should be, 3 where there
are warnings alone, 1 where something is wrong, and 2 where the command is not understood.`;

const OPTIONS = {
  json: { type: "boolean" },
  send: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

/** Prints, and ends the process: what hangs in the system's own hands, such as a look into the DNS, is not waited for. */
export async function doctor(args: string[], environment: NodeJS.ProcessEnv): Promise<void> {
  try {
    const { values, positionals } = readArguments(args, OPTIONS);
    if (values.help) return console.log(HELP);
    takesNoMore(positionals, "doctor");
    if (values.send === "") throw new UsageError("--send takes the id of a test user");
    const sections = await examine(readWhatHolds(environment), values.send);
    const text = values.json ? JSON.stringify(jsonOf(sections), undefined, 2) : textOf(sections);
    const code = EXIT_CODES[worstOf(sections.flatMap(({ findings }) => findings))];
    // Also where nobody reads to the end.
    process.stdout.on("error", () => process.exit(code));
    process.stdout.write(`${text}\n`, () => process.exit(code));
  } catch (error) {
    fail("doctor", error);
  }
}
