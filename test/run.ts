/**
 * `npm test`: builds the bundles, runs vitest and Playwright, and says at its end what failed, and as its last line how
 * many passed. A run in which nothing ran has failed.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { temporaryFolder } from "./support/temporary-folder.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
  /** What failed, and why in a line, as far as a report tells. */
  failures: string[];
}

/** Browsers want the machine to themselves: up to four at once are enough for it. */
const IN_EVERY_ENGINE = ["test/browsers", "test/e2e"];

const NOTHING: Counts = { passed: 0, failed: 0, skipped: 0, failures: [] };

/** Runs a tool of this package with its output shown as it comes. Returns whether it succeeded. */
async function run(tool: string, args: string[], environment: NodeJS.ProcessEnv = {}): Promise<boolean> {
  const child = spawn(`${ROOT}node_modules/.bin/${tool}`, args, {
    cwd: ROOT,
    env: { ...process.env, PATH: `${ROOT}node_modules/.bin:${process.env.PATH}`, ...environment },
    stdio: "inherit",
  });
  const [code] = await once(child, "close");
  return code === 0;
}

interface VitestReport {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  testResults: { name: string; status: string; message: string; assertionResults: VitestResult[] }[];
}

interface VitestResult {
  fullName: string;
  status: string;
  failureMessages: string[];
}

async function vitest(report: string, which: string[], environment: NodeJS.ProcessEnv = {}): Promise<Counts> {
  const args = ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`, ...which];
  const ok = await run("vitest", args, environment);
  const found = readReport<VitestReport>(report);
  if (!found) return { ...NOTHING, failed: 1 };
  // A file that cannot even be loaded has no tests that could fail.
  const broken = found.testResults.filter(
    ({ status, assertionResults }) => status === "failed" && assertionResults.length === 0,
  );
  return atLeastOneFailure(ok, {
    passed: found.numPassedTests,
    failed: found.numFailedTests + broken.length,
    skipped: found.numPendingTests + found.numTodoTests,
    failures: found.testResults.flatMap(({ name, status, message, assertionResults }) => {
      const file = relative(ROOT, name);
      if (status === "failed" && assertionResults.length === 0) return [failure(file, message)];
      return assertionResults
        .filter((result) => result.status === "failed")
        .map((result) => failure(`${file} > ${result.fullName}`, result.failureMessages[0]));
    }),
  });
}

const failure = (name: string, message = "") =>
  `${name}\n  ${stripVTControlCharacters(message).trim().split("\n").slice(0, 3).join("\n  ")}`;

interface PlaywrightReport {
  stats: { expected: number; unexpected: number; flaky: number; skipped: number };
  suites: PlaywrightSuite[];
}

interface PlaywrightSuite {
  specs: {
    title: string;
    file: string;
    ok: boolean;
    tests: { results: { error?: { message?: string } }[] }[];
  }[];
  suites?: PlaywrightSuite[];
}

const specsOf = ({ specs, suites = [] }: PlaywrightSuite): PlaywrightSuite["specs"] => [
  ...specs,
  ...suites.flatMap(specsOf),
];

async function playwright(report: string): Promise<Counts> {
  const ok = await run("playwright", ["test", "--reporter=list,json"], {
    PLAYWRIGHT_JSON_OUTPUT_FILE: report,
    PLAYWRIGHT_HTML_OPEN: "never",
  });
  const found = readReport<PlaywrightReport>(report);
  if (!found) return { ...NOTHING, failed: 1 };
  const { stats, suites } = found;
  return atLeastOneFailure(ok, {
    passed: stats.expected + stats.flaky,
    failed: stats.unexpected,
    skipped: stats.skipped,
    failures: suites
      .flatMap(specsOf)
      .filter(({ ok }) => !ok)
      .map(({ file, title, tests }) =>
        failure(`${file} > ${title}`, tests[0]?.results.find(({ error }) => error)?.error?.message),
      ),
  });
}

function readReport<T>(path: string): T | undefined {
  return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : undefined;
}

/** What fails outside any test, such as an error that nobody caught, counts as one. */
function atLeastOneFailure(ok: boolean, counts: Counts): Counts {
  return { ...counts, failed: ok ? counts.failed : Math.max(counts.failed, 1) };
}

using folder = temporaryFolder();
const results: Counts[] = [];
if (await run("vite", ["build", "--app", "--logLevel", "warn"])) {
  const others = IN_EVERY_ENGINE.map((tests) => `--exclude=${tests}/**`);
  results.push(await vitest(folder.file("vitest.json"), others));
  results.push(await vitest(folder.file("engines.json"), IN_EVERY_ENGINE));
  results.push(await vitest(folder.file("faults.json"), [], { VAMBE_TEST_FAULTS: "only" }));
  results.push(await vitest(folder.file("mounts.json"), [], { VAMBE_TEST_MOUNTS: "only" }));
  results.push(await playwright(folder.file("playwright.json")));
} else {
  results.push({ ...NOTHING, failed: 1 });
}

const total = (kind: Exclude<keyof Counts, "failures">) =>
  results.reduce((sum, counts) => sum + counts[kind], 0);
const [passed, failed, skipped] = [total("passed"), total("failed"), total("skipped")];
if (failed > 0 || passed === 0) process.exitCode = 1;
const failures = results.flatMap((counts) => counts.failures);
if (failures.length > 0) console.log(`\nFailed:\n${failures.join("\n")}`);
console.log(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
