import { execFileSync } from "node:child_process";

/** Programs that a run must not skip: .ci/run names those that it has installed. */
const required = new Set(process.env.VAMBE_TEST_PROGRAMS?.split(","));

/** Debian puts some where only root's shell looks. */
export const programsOfAll = () => ({ PATH: `${process.env.PATH}:/usr/sbin:/sbin` });

/** Why the tests that want a program are not run, where this machine does not have it and need not. */
export function reasonToSkip(program: string, versionFlag: string): string | undefined {
  if (required.has(program)) return undefined;
  try {
    execFileSync(program, [versionFlag], { env: programsOfAll(), stdio: "ignore" });
    return undefined;
  } catch {
    return `there is no ${program} here`;
  }
}
