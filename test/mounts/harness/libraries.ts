import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { run } from "../../packages/packed.ts";

const LIBRARIES = fileURLToPath(new URL("../libraries", import.meta.url));
const CACHE = fileURLToPath(new URL("../../../node_modules/.cache/mounts", import.meta.url));
/** A first install may have to fetch several hundred megabytes. */
const INSTALL_MS = 300_000;

/** The folder of a set of libraries, installed as its lock says. It is kept until the lock changes. */
export async function installedLibraries(set: string): Promise<string> {
  const lock = readFileSync(join(LIBRARIES, set, "package-lock.json"));
  const folder = join(CACHE, `${set}-${createHash("sha256").update(lock).digest("hex").slice(0, 16)}`);
  if (existsSync(folder)) return folder;
  mkdirSync(CACHE, { recursive: true });
  if (takes(`${folder}.lock`)) {
    try {
      if (!existsSync(folder)) install(set, folder);
    } finally {
      rmSync(`${folder}.lock`);
    }
    return folder;
  }
  const deadline = Date.now() + INSTALL_MS;
  while (existsSync(`${folder}.lock`)) {
    if (Date.now() > deadline) throw new Error(`nobody has installed ${folder}: remove ${folder}.lock`);
    await sleep(200);
  }
  return installedLibraries(set);
}

/** The version that a set's lock has of a package. */
export function lockedVersion(set: string, name: string): string {
  const { packages } = JSON.parse(readFileSync(join(LIBRARIES, set, "package-lock.json"), "utf8"));
  return packages[`node_modules/${name}`].version;
}

/** Installed beside its place and moved there, so that what is there is whole. */
function install(set: string, folder: string): void {
  const unfinished = `${folder}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  cpSync(join(LIBRARIES, set), unfinished, { recursive: true });
  run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], unfinished);
  renameSync(unfinished, folder);
  // What the locks before this one had. A name ends in a dash and sixteen digits.
  for (const name of readdirSync(CACHE))
    if (/-[\da-f]{16}$/.test(name) && name.slice(0, -17) === set && join(CACHE, name) !== folder)
      rmSync(join(CACHE, name), { recursive: true });
}

/** Whether the file is ours now: several processes may want the same. One that has died does not count. */
function takes(lock: string): boolean {
  try {
    writeFileSync(lock, String(process.pid), { flag: "wx" });
    return true;
  } catch {
    if (!isHeld(lock)) rmSync(lock, { force: true });
    return false;
  }
}

function isHeld(lock: string): boolean {
  try {
    process.kill(Number(readFileSync(lock, "utf8")), 0);
    return true;
  } catch {
    return false;
  }
}
