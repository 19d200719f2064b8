import { accessSync, constants, statSync } from "node:fs";
import { dirname, resolve } from "node:path";

/** The database file cannot be opened. The message names what is the matter, with its path, and the remedy. */
export class UnusableFile extends Error {}

const MAKE_IT = "make it, with this account as its owner, or name another in VAMBE_DATABASE_URL";

/** What SQLite has found, seen from the file system: SQLite itself names no path. */
export function unusable(path: string, cause: unknown): UnusableFile {
  return new UnusableFile(`the database (VAMBE_DATABASE_URL) cannot be used: ${why(resolve(path))}`, {
    cause,
  });
}

function why(path: string): string {
  const noFile = whyNoFile(path);
  if (noFile !== undefined) return noFile;
  if (kindOf(path) !== undefined && !may(path, constants.R_OK | constants.W_OK))
    return readOnly(`the file ${path}`);
  return readOnly(path);
}

/** Why no file can be made at this path, if none can. */
export function whyNoFile(path: string): string | undefined {
  const folder = dirname(path);
  if (kindOf(folder) === undefined) return `there is no folder ${folder}. ${capitalized(MAKE_IT)}`;
  if (kindOf(folder) !== "folder") return `${folder} is not a folder`;
  if (kindOf(path) === "folder") return `${path} is a folder: name a file in it`;
  return may(folder, constants.W_OK | constants.X_OK) ? undefined : readOnly(`the folder ${folder}`);
}

const readOnly = (what: string) =>
  `it can only be read, by this account${account()} or on this disk: ${what} has to be its own to write`;

const account = () => (process.getuid ? ` (${process.getuid()})` : "");

function kindOf(path: string): "folder" | "file" | undefined {
  try {
    return statSync(path).isDirectory() ? "folder" : "file";
  } catch {
    return undefined;
  }
}

function may(path: string, what: number): boolean {
  try {
    accessSync(path, what);
    return true;
  } catch {
    return false;
  }
}

const capitalized = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
