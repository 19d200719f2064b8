import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

export const ROOT = fileURLToPath(new URL("..", import.meta.url));
export const ENTRY = "server/cli/main.ts";

const run = promisify(execFile);

/** Runs one of the exchange's commands as an operator would, in a process of its own. */
export async function runCommand(
  args: readonly string[],
  environment: Record<string, string>,
): Promise<void> {
  await run(process.execPath, [ENTRY, ...args], {
    cwd: ROOT,
    env: withSettings(environment),
  });
}

/** Settings that this shell may hold for a real exchange must not leak into the demo's. */
export function withSettings(own: Record<string, string>): NodeJS.ProcessEnv {
  const others = Object.entries(process.env).filter(([name]) => !name.startsWith("VAMBE_"));
  return { ...Object.fromEntries(others), ...own };
}
