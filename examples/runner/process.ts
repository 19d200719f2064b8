import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { delimiter } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Command } from "./example.ts";
import { PATH_OF_SERVERS } from "./programs.ts";

/** This repository's own Node comes first, also where another one has started us. */
const TOOLS = fileURLToPath(new URL("../../node_modules/.bin", import.meta.url));
const ONE_GROUP = process.platform !== "win32";
const START_DEADLINE_MS = 60_000;
const STOP_DEADLINE_MS = 10_000;

interface Surroundings {
  cwd: string;
  environment?: Record<string, string>;
}

export interface RunningProcess {
  /** Everything that it has printed. */
  output(): string;
  /** Waits until the address answers, whatever it says below 500. Rejects where the process ends before. */
  answersAt(url: string): Promise<void>;
  stop(): Promise<void>;
}

/** Runs a command to its end. Rejects with all that it said where it fails. */
export async function runCommand(command: Command, surroundings: Surroundings): Promise<void> {
  const child = spawnCommand(command, surroundings);
  const output = collect(child);
  const killWithUs = () => signal(child, "SIGKILL");
  process.prependOnceListener("exit", killWithUs);
  const [code] = await once(child, "close").finally(() => process.off("exit", killWithUs));
  if (code !== 0) throw new Error(`${command.join(" ")} failed (${code}):\n${output.join("")}`);
}

/** Starts a server. It and all that it starts end with `stop`, or with this process. */
export function startProcess(command: Command, surroundings: Surroundings): RunningProcess {
  const child = spawnCommand(command, surroundings);
  const output = collect(child);
  const isRunning = () => child.exitCode === null && child.signalCode === null;
  const killWithUs = () => signal(child, "SIGKILL");
  // Before the folder that it writes to is removed.
  process.prependOnceListener("exit", killWithUs);
  child.once("error", (error) => output.push(String(error)));

  return {
    output: () => output.join(""),
    answersAt: async (url) => {
      const deadline = Date.now() + START_DEADLINE_MS;
      while (!(await answers(url))) {
        const why = isRunning() ? "did not answer in time" : "has ended";
        if (!isRunning() || Date.now() > deadline) {
          throw new Error(`${command.join(" ")} ${why}. It said:\n${output.join("")}`);
        }
        await sleep(50);
      }
    },
    stop: async () => {
      process.off("exit", killWithUs);
      if (!isRunning()) return signal(child, "SIGKILL");
      const closed = once(child, "close");
      signal(child, "SIGTERM");
      const impatience = setTimeout(() => signal(child, "SIGKILL"), STOP_DEADLINE_MS);
      await closed;
      clearTimeout(impatience);
      signal(child, "SIGKILL");
    },
  };
}

/** To a child and to all that it has started. */
function signal(child: ChildProcess, name: NodeJS.Signals): void {
  if (!ONE_GROUP || child.pid === undefined) return void child.kill(name);
  try {
    process.kill(-child.pid, name);
  } catch {
    // Nobody of the group is left.
  }
}

async function answers(url: string): Promise<boolean> {
  const answer = await fetch(url, { redirect: "manual" }).catch(() => null);
  await answer?.body?.cancel();
  return answer !== null && answer.status < 500;
}

function spawnCommand([program, ...args]: Command, { cwd, environment = {} }: Surroundings): ChildProcess {
  return spawn(program, args, {
    cwd,
    detached: ONE_GROUP,
    env: { ...surroundingsOfAll(), ...environment },
    stdio: ["ignore", "pipe", "pipe"],
    // On Windows npm is a script, which only a shell starts.
    shell: process.platform === "win32",
  });
}

/** What npm and vitest hand down, another npm or a build would take for its own; a shell's settings may be real ones. */
function surroundingsOfAll(): Record<string, string | undefined> {
  const own = Object.entries(process.env).filter(([name]) => !/^(npm_|VITEST|VAMBE_|NODE_ENV$)/.test(name));
  return { ...Object.fromEntries(own), PATH: [TOOLS, PATH_OF_SERVERS].join(delimiter), NO_COLOR: "1" };
}

function collect(child: ChildProcess): string[] {
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => output.push(text));
  }
  return output;
}
