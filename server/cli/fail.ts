import { explain } from "../explain.ts";
import { UsageError } from "./arguments.ts";

/** Says why a command ends, and sets the exit code: 2 where its words are wrong, otherwise 1. */
export function fail(command: string, error: unknown): void {
  console.error(`vambe-identity ${command}: ${explain(error)}`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
