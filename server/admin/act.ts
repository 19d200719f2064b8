import { execFile } from "node:child_process";
import type { Action, Done } from "./actions.ts";

/** Where each command says how many rows it concerned. */
const ROWS: Record<Action, string> = {
  retry: "due_now",
  resend: "sent_when_they_come",
  forget: "forgotten",
};

/**
 * Does it as `vambe-identity outbox` does, in a process of its own: rows may be a million, and a file may have to be written
 * anew, which nobody who is to be answered should wait for. Rejects never.
 * @param userId whom it concerns; `undefined` for all
 */
export function act(action: Action, userId: string | undefined): Promise<Done> {
  const [, program = ""] = process.argv;
  const whom = userId === undefined ? ["--all"] : ["--", userId];
  const args = [...process.execArgv, program, "outbox", action, "--json", ...whom];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { encoding: "utf8" }, (error, stdout, stderr) => {
      const rows = error ? undefined : rowsIn(stdout, ROWS[action]);
      resolve(rows === undefined ? { action, failed: wordsIn(stderr) } : { action, rows });
    });
  });
}

function rowsIn(stdout: string, name: string): number | undefined {
  try {
    const rows = Number(JSON.parse(stdout)[name]);
    return Number.isNaN(rows) ? undefined : rows;
  } catch {
    return undefined;
  }
}

/** What the command has said to a person, without the name that it says in front and Node's own warnings. */
const wordsIn = (stderr: string): string => {
  const lines = stderr.split("\n").filter((line) => line.startsWith("vambe-identity"));
  return lines.join(" ").replace(/^vambe-identity(?: \w+)?: /, "") || "The command ended and said nothing.";
};
