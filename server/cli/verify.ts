import { text } from "node:stream/consumers";
import { createLog } from "../log.ts";
import { PROBLEMS, Problem } from "../problems.ts";
import { examine, type Finding } from "../proof/examine.ts";
import { proveByJwt } from "../proof/jwt.ts";
import { verifyByIssuer } from "../proof/oidc/verify.ts";
import { readJwtSettings } from "../settings/environment.ts";
import { tidied } from "../user-rules.ts";
import { readArguments, UsageError } from "./arguments.ts";
import { fail } from "./fail.ts";
import { table } from "./table.ts";

const HELP = `vambe-identity verify: says what the exchange would say to a proof, claim by claim. Nothing is sent to Vambe, and nothing is
counted or stored.

  vambe-identity verify <proof>
  vambe-identity verify -            reads the proof from standard input

The settings are the exchange's own: VAMBE_IDENTITY_SECRET, VAMBE_OIDC_ISSUER and those beside it. The exit code is 0 where
the proof is accepted, 1 where it is refused, and 2 where the command is not understood.`;

const MARKS = { good: "✓", "in the way": "✗", "left out": "!" };

/** Judges one proof. Sets the exit code. */
export async function verify(args: string[], environment: NodeJS.ProcessEnv): Promise<void> {
  try {
    const { values, positionals } = readArguments(args, { help: { type: "boolean", short: "h" } });
    if (values.help) return console.log(HELP);
    const [given, ...more] = positionals;
    if (given === undefined || more.length > 0)
      throw new UsageError("one proof is needed: verify <proof>, or verify - to read it from standard input");
    const proof = (given === "-" ? await text(process.stdin) : given).trim();
    const { identitySecrets, issuers } = readJwtSettings(environment);
    const byIssuer = issuers.length > 0 ? verifyByIssuer(issuers, { log: createLog(() => {}) }) : undefined;
    const request = new Request("http://localhost/identify");
    const judge = proveByJwt(identitySecrets, undefined, byIssuer);
    const verdict = await judge({ user: {}, proof, request }).catch((error: unknown) => {
      if (error instanceof Problem) return error;
      throw error;
    });
    if (verdict instanceof Problem || !verdict) {
      process.exitCode = 1;
      console.log(refused(verdict));
    } else console.log(`✓ accepted: the exchange takes it as a proof of ${JSON.stringify(verdict.id)}`);
    const findings = examine(proof, identitySecrets);
    if (findings) console.log(`\n${listed(findings)}`);
  } catch (error) {
    fail("verify", error);
  }
}

function refused(problem: Problem | undefined): string {
  if (!problem) return "✗ refused: there is nothing to check a proof with";
  const { slug, message, errors } = problem;
  const fields = errors.map(({ field, detail }) => `\n  ${field} ${detail}`).join("");
  return `✗ refused: ${slug}. ${message}${fields}\n  ${PROBLEMS[slug].remedy}`;
}

function listed(findings: readonly Finding[]): string {
  // Names of fields are the signer's, and a terminal obeys some characters.
  const rows = findings.map(({ part, stands, detail }) => [MARKS[stands], tidied(part), detail]);
  const [first, ...others] = findings.filter(({ stands }) => stands === "in the way");
  if (!first) return table(rows);
  const sum =
    others.length === 0
      ? `${first.part} alone stands in its way`
      : `${others.length + 1} parts stand in its way`;
  return `${table(rows)}\n\n${sum}.`;
}
