import { chmodSync, closeSync, openSync, statSync } from "node:fs";
import { dirname } from "node:path";

const OTHERS = 0o077;
const WORLD_WRITES = 0o002;
const STICKY = 0o1000;

/**
 * Names that wait and the key that signs are in it: a new file is its owner's alone, and so is what SQLite puts beside it.
 * Files that are there already are taken from everybody else.
 * @param warn is told of what this account may not change, with the remedy
 */
export function keepToOwner(path: string, warn: (text: string) => void): void {
  try {
    closeSync(openSync(path, "a", 0o600));
  } catch {
    // SQLite is about to say why it cannot be opened.
  }
  // Windows has no such modes, and Node makes some up.
  if (process.platform === "win32") return;
  for (const file of [path, `${path}-wal`, `${path}-shm`, `${path}-journal`]) tighten(file, warn);
  const folder = dirname(path);
  const mode = modeOf(folder);
  if (mode & WORLD_WRITES && !(mode & STICKY)) {
    warn(
      `anybody on this machine can put another file in the place of the database (VAMBE_DATABASE_URL): run chmod o-w on its folder, ${folder}`,
    );
  }
}

function tighten(file: string, warn: (text: string) => void): void {
  const mode = modeOf(file);
  if ((mode & OTHERS) === 0) return;
  try {
    chmodSync(file, mode & 0o700);
  } catch {
    warn(
      `other accounts of this machine can read user ids and the signing key in the database (VAMBE_DATABASE_URL), and this one may not change that: have the owner run chmod 600 on ${file}`,
    );
  }
}

/** 0 where there is no such file, or it cannot be seen. */
function modeOf(path: string): number {
  try {
    return statSync(path).mode;
  } catch {
    return 0;
  }
}
