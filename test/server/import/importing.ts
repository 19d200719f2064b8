import { spawn } from "node:child_process";
import { once } from "node:events";
import { utimesSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Environment } from "../../support/exchange-process.ts";
import type { World } from "../../support/world.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

interface ImportEnding {
  status: number | null;
  /** Standard output and standard error together. */
  output: string;
  errors: string;
}

/** `vambe-identity import` with the settings of a world's exchange, `changes` aside. */
export function importing(world: World, changes: Environment) {
  const environment: Environment = {
    VAMBE_API_KEY: world.apiKey,
    VAMBE_CHANNEL_ID: world.channelId,
    VAMBE_API_URL: world.vambe.url,
    VAMBE_MAX_RATE: "1000",
    VAMBE_DATABASE_URL: `file:${world.database}`,
    ...changes,
  };

  /** @param how `staysOpen`: standard input, after this input */
  const start = (
    args: string[],
    { input, staysOpen = false }: { input?: string; staysOpen?: boolean } = {},
  ) => {
    const child = spawn(process.execPath, [`${ROOT}server/cli/main.ts`, "import", ...args], {
      // Where what fails of standard input is written.
      cwd: world.folder.path,
      env: { PATH: process.env.PATH, ...environment },
    });
    if (staysOpen) child.stdin.write(input ?? "");
    else child.stdin.end(input ?? "");
    const texts = { output: "", errors: "" };
    child.stdout.setEncoding("utf8").on("data", (text: string) => (texts.output += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      texts.output += text;
      texts.errors += text;
    });
    const ended: Promise<ImportEnding> = once(child, "close").then(() => ({
      ...texts,
      status: child.exitCode,
    }));
    return {
      ended,
      output: () => texts.output,
      isRunning: () => child.exitCode === null && child.signalCode === null,
      interrupt: () => child.kill("SIGINT"),
      kill: () => child.kill("SIGKILL"),
      [Symbol.asyncDispose]: async () => {
        child.kill("SIGKILL");
        await ended;
      },
    };
  };

  return {
    start,
    run: (args: string[], options?: { input?: string }): Promise<ImportEnding> => start(args, options).ended,
    /** @returns the file's path. `ageMs`: so long ago it was written last */
    write: (name: string, content: string, { ageMs = 0 } = {}): string => {
      const path = world.folder.file(name);
      writeFileSync(path, content);
      const at = new Date(Date.now() - ageMs);
      utimesSync(path, at, at);
      return path;
    },
  };
}
