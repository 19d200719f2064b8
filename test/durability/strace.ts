import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { eventually } from "../support/eventually.ts";
import type { RunningPostgres } from "../support/postgres.ts";
import { reasonToSkip } from "../support/programs.ts";

export const withoutStrace = reasonToSkip("strace", "--version");

/** Says of each call when it began and how long it took, and names the files; keeps all that is written. */
const TELLING = ["-f", "-q", "-ttt", "-T", "-y", "-s", "1000000"];
const CALLS = "--trace=pwrite64,write,writev,sendto,fsync,fdatasync";

/** A shell command, after which the process is traced from its first call on, and stays the child of who has started it. */
export const tracedFromStart = (file: string): string =>
  `set -- strace -D ${TELLING.join(" ")} ${CALLS} -o ${file} "$@"`;

/** Traces processes that run already, and those that they start. */
export const traced = (pids: readonly number[], file: string): Promise<AsyncDisposable> =>
  attached(pids, [...TELLING, CALLS, "-o", file]);

/**
 * Makes a system call of a running process fail, for as long as it is attached.
 * @param what as `strace --inject` has it, such as `fsync:error=EIO`
 * @param path only calls on this file
 */
export const injected = (pids: readonly number[], what: string, path?: string): Promise<AsyncDisposable> =>
  attached(pids, [
    "-f",
    `--trace=${what.split(":")[0]}`,
    `--inject=${what}`,
    ...(path === undefined ? [] : ["-P", path]),
    "-o",
    "/dev/null",
  ]);

/** All processes of a PostgreSQL server. */
export function processesOf({ dataFolder }: RunningPostgres): number[] {
  const [pid = 0] = readFileSync(`${dataFolder}/postmaster.pid`, "utf8").split("\n").map(Number);
  return [pid, ...childrenOf(pid)];
}

export const isThere = (pid: number | undefined): boolean => existsSync(`/proc/${pid}`);

/** The processes that a process has started and that still run. */
export const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);

async function attached(pids: readonly number[], words: readonly string[]): Promise<AsyncDisposable> {
  const child = spawn("strace", [...words, ...pids.filter(isThere).flatMap((pid) => ["-p", `${pid}`])], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const said: string[] = [];
  child.stderr.on("data", (text) => said.push(String(text)));
  await eventually("strace is attached", () => pids.every((pid) => !isThere(pid) || isTraced(pid)));
  return {
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const closed = once(child, "close");
      child.kill("SIGTERM");
      await closed;
    },
  };
}

const isTraced = (pid: number) => /^TracerPid:\s+[1-9]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
