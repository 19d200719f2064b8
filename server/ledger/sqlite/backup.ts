import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { NoBackup } from "../contract/restore.ts";

/**
 * Writes the database as it is at one moment into a new file, its owner's alone, while others go on reading and writing. The
 * file has its name only once all of it is on the disk. @throws {NoBackup}
 */
export function backup(db: DatabaseSync, file: string): void {
  if (existsSync(file)) throw new NoBackup(`${file} is there already: name a file that is not`);
  const partial = `${file}.partial`;
  rmSync(partial, { force: true });
  try {
    closeSync(openSync(partial, "wx", 0o600));
    db.prepare("VACUUM INTO :partial").run({ partial });
    flush(partial, "r+");
    renameSync(partial, file);
    // Windows flushes no folders.
    if (process.platform !== "win32") flush(dirname(file), "r");
  } catch (error) {
    rmSync(partial, { force: true });
    const { code, errcode } = Object(error);
    if (errcode !== undefined) throw error;
    throw new NoBackup(`${file} cannot be written (${code})`);
  }
}

function flush(path: string, flags: "r" | "r+"): void {
  const handle = openSync(path, flags);
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
