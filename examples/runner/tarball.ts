import { cpSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runCommand } from "./process.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** What a publisher's clone does not have, or must not share with this one. */
const LEFT_OUT = new Set([".git", "node_modules", "dist", "test-results"]);

/**
 * The package as a publisher packs it: `npm pack`, which builds it first, in a copy of the source below `folder`, so
 * that the build that stands here is not disturbed. Returns the tarball's path.
 */
export async function packPackage(folder: string): Promise<string> {
  const copy = copySource(join(folder, "source"));
  await runCommand(["npm", "pack", "--pack-destination", folder], { cwd: copy });
  return tarballIn(folder);
}

/** A copy of the source that can be packed. Returns its path. */
export function copySource(copy: string): string {
  mkdirSync(copy, { recursive: true });
  for (const name of readdirSync(ROOT)) {
    if (!LEFT_OUT.has(name)) cpSync(join(ROOT, name), join(copy, name), { recursive: true });
  }
  symlinkSync(join(ROOT, "node_modules"), join(copy, "node_modules"));
  return copy;
}

/** What `npm pack` has made in a folder. */
export function tarballIn(folder: string): string {
  const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz"));
  if (!tarball) throw new Error("npm pack made no tarball");
  return join(folder, tarball);
}
