import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Environment } from "../../support/exchange-process.ts";

/**
 * One app that mounts the exchange: what the tests need to run it, and the docs to tell of it. The app's source is in
 * `app/` beside its descriptor. It is a process of its own that takes PORT, HOST and the exchange's variables from the
 * environment, has the exchange at `/identity`, a page at `/` that says "The shop", and ends by itself on SIGTERM.
 */
export interface Mount {
  /** As the docs name it. */
  name: string;
  /** The folder that holds `app/`. */
  folder: string;
  /** A folder of `test/mounts/libraries/`, which has package.json and a lock; `undefined` where the app needs none. */
  libraries?: string;
  /** The packages whose versions the docs tell, by their names in `libraries`; without them it is Node's. */
  framework?: string | string[];
  /** Commands that make the app ready, once: each a program of `node_modules/.bin`, or `node`, and its arguments. */
  build?: string[][];
  /** The variables of those commands. */
  buildEnvironment?: Environment;
  /** What the build has made to be run alone, a folder in `app/`: it is moved to where no `node_modules` is in reach. */
  alone?: string;
  /** Starts the app: a program of `node_modules/.bin`, or `node`, and its arguments. */
  start: string[];
  /** Where its own page is, if not at `/`. */
  page?: string;
  /** What of `app/` has the lines for the docs between `// mount:` and `// :mount`: a file, or several. */
  source: string | readonly string[];
  /** What a developer has to know; for the docs. */
  know: string;
  /** Ways to run the same app; without them there is one. */
  variants?: Variant[];
  /** Who says 404 for an address below `/identity` that is not the exchange's. */
  unknownPath: "exchange" | "host";
  /** The host cannot tell an address, so one proxy in front is believed. */
  addressInHeader?: true;
  /** What the app ends with on SIGTERM (default: 0). */
  exitCode?: number;
  /** The host compresses by itself, whatever its variant. */
  hostCompresses?: true;
  /** The runtime has no SQLite, or no disk that stays: everything goes to PostgreSQL. */
  withoutSqlite?: true;
}

export interface Variant {
  /** Goes on after the app's name, such as "behind body parsers". */
  name: string;
  environment?: Environment;
  /** The host has read the bodies before the exchange is asked, and refuses itself what it cannot parse. */
  parsesBodies?: true;
  /** Where it is another than the app's. */
  unknownPath?: Mount["unknownPath"];
  /** The host compresses by itself, so any encoding that the browser takes is right. */
  hostCompresses?: true;
}

/** For apps that take `BODY_PARSERS` as a reason to parse every body before the exchange is asked. */
export const BEHIND_BODY_PARSERS: Variant = {
  name: "behind body parsers",
  environment: { BODY_PARSERS: "yes" },
  parsesBodies: true,
};

/** For apps that take `COMPRESSION` as a reason to compress every answer. */
export const BEHIND_COMPRESSION: Variant = {
  name: "behind compression",
  environment: { COMPRESSION: "yes" },
  hostCompresses: true,
};

/** The lines that mount the exchange, as they stand in the app's source, moved to the left. */
export function mountLines({ folder, source }: Pick<Mount, "folder" | "source">): string {
  if (typeof source === "string") return linesOf(folder, source);
  return source.map((file) => `// ${file}\n${linesOf(folder, file)}`).join("\n\n");
}

function linesOf(folder: string, source: string): string {
  const text = readFileSync(join(folder, "app", source), "utf8");
  const parts = [...text.matchAll(/^[^\n]*(?:\/\/|<!--|#) mount:.*?\n(.*?)^[^\n]*(?:\/\/|<!--|#) :mount/gms)];
  if (parts.length === 0) throw new Error(`${folder}/app/${source} has no lines between its marks`);
  return parts.map(([, part = ""]) => movedLeft(part)).join("\n\n");
}

function movedLeft(lines: string): string {
  const [indent = ""] = /^[ \t]*/.exec(lines) ?? [];
  return lines
    .split("\n")
    .map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line))
    .join("\n")
    .trim();
}
