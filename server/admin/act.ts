import { execFile } from "node:child_process";
import type { Action, Done } from "./actions.ts";

/** It was not done, and why in words for the operator. */
export class NotDone extends Error {}

/**
 * Does it as `vambe-identity outbox` does, in a process of its own: rows may be a million, and a file may have to be written
 * anew, which nobody who is to be answered should wait for.
 * @throws {NotDone}
 */
export function act(action: Action, userId: string | undefined): Promise<Done> {
  const [command = ""] = process.argv.slice(1);
  const whom = userId === undefined ? ["--all"] : ["--", userId];
  const args = [...process.execArgv, command, "outbox", action, "--json", ...whom];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { encoding: "utf8" }, (error, stdout, stderr) => {
      const done = doneIn(stdout);
      if (!done) return reject(new NotDone(stderr.trim() || error?.message || "the command said nothing"));
      resolve({ action, ...(userId !== undefined && { userId }), ...done });
    });
  });
}

function doneIn(stdout: string): Pick<Done, "rows" | "isIncomplete"> | undefined {
  try {
    const { rows, incomplete } = JSON.parse(stdout);
    return typeof rows === "number"
      ? { rows, ...(incomplete === true && { isIncomplete: true }) }
      : undefined;
  } catch {
    return undefined;
  }
}
