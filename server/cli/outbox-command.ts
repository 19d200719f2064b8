import type { Ledger } from "../ledger/contract/ledger.ts";
import type { readArguments } from "./arguments.ts";

export const OPTIONS = {
  state: { type: "string" },
  limit: { type: "string" },
  all: { type: "boolean" },
  from: { type: "string" },
  to: { type: "string" },
  erased: { type: "string" },
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

export type Values = ReturnType<typeof readArguments<typeof OPTIONS>>["values"];

export interface Words {
  values: Values;
  ids: string[];
  environment: NodeJS.ProcessEnv;
}

/** What a command has to say: for machines, and for a person. */
export interface Said {
  json: Readonly<Record<string, unknown>>;
  text: string;
}

export interface Command {
  /** Beside `--json`, which each takes. */
  takes: readonly (keyof Values)[];
  /** Checks the words, and returns what there is to do once the ledger is open. @throws {UsageError} */
  prepare(words: Words): (ledger: Ledger) => Promise<Said>;
}
