import { createReadStream, type Stats, statSync } from "node:fs";
import { UnfitInput } from "./columns.ts";

/** Where rows come from: a file, or whatever is piped in. */
export interface Source {
  /** As it is called in messages. */
  name: string;
  /** A file can be gone back to; a pipe cannot. */
  stats: Stats | undefined;
  /** Of when it is: milliseconds since the epoch. */
  asOf: number;
  open(): AsyncIterable<Uint8Array>;
  /** Whether somebody has written to it since: what was read may be half of something. */
  hasChanged(): boolean;
  /** Nothing more is read: a pipe that is open would keep the process. */
  close(): void;
}

const NEWLINE = 10;

/** @param path of a file, or `-` for standard input */
export function sourceOf(path: string): Source {
  if (path === "-")
    return {
      name: "standard input",
      stats: undefined,
      asOf: Date.now(),
      open: () => process.stdin,
      hasChanged: () => false,
      close: () => process.stdin.destroy(),
    };
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats?.isFile()) throw new UnfitInput("is no file");
  const asOf = Math.min(Math.floor(stats.mtimeMs), Date.now());
  return {
    name: path,
    stats,
    asOf,
    open: () => createReadStream(path),
    hasChanged: () => {
      const now = statSync(path, { throwIfNoEntry: false });
      return now !== undefined && (now.size !== stats.size || now.mtimeMs !== stats.mtimeMs);
    },
    close: () => {},
  };
}

/** About how many rows there are: as many as lines. */
export async function countLines(source: Source): Promise<number> {
  let lines = 0;
  let last = NEWLINE;
  for await (const chunk of source.open()) {
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, at + 1)) lines += 1;
    last = chunk.at(-1) ?? last;
  }
  return last === NEWLINE ? lines : lines + 1;
}
