import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { eventually } from "./eventually.ts";
import type { Ending, Environment } from "./exchange-process.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** A command that may take as long as it likes, with the database that `environment` names. */
export function startCommand(args: string[], environment: Environment) {
  const child = spawn(process.execPath, ["server/cli/main.ts", ...args], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => output.push(text));
  const isRunning = () => child.exitCode === null && child.signalCode === null;
  const ended: Promise<Ending> = once(child, "close").then(() => ({
    code: child.exitCode,
    signal: child.signalCode,
    output: output.join(""),
  }));
  return {
    isRunning,
    ended,
    /** Presses Ctrl-C as soon as it is in the middle of its work. Throws where it had ended before. */
    interrupt: async (isInTheMiddle: () => boolean | Promise<boolean>) => {
      await eventually("it is in the middle of its work", () => !isRunning() || isInTheMiddle(), {
        everyMs: 5,
      }).finally(() => child.kill("SIGINT"));
      const ending = await ended;
      if (ending.signal !== "SIGINT") throw new Error(`it had ended before: ${ending.output}`);
    },
  };
}
