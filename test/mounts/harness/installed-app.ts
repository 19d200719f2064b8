import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { inject } from "vitest";
import { run } from "../../packages/packed.ts";
import { type TemporaryFolder, temporaryFolder } from "../../support/temporary-folder.ts";
import { installedLibraries } from "./libraries.ts";
import type { Mount } from "./mount.ts";

export interface InstalledApp extends Disposable {
  /** Where the app's files are, and `node_modules` with the packed package in it. */
  path: string;
  /** Where it is started: there, or where the build's result was moved to. */
  home: string;
  /** Has room for databases; nothing of the app is in it. */
  folder: TemporaryFolder;
  /** The program that a command of the descriptor names. */
  program(name: string): string;
}

/** The app in an empty folder, with its libraries and the package as it is published, built where that is to be done. */
export async function installApp(mount: Mount): Promise<InstalledApp> {
  const folder = temporaryFolder();
  const path = folder.file("app");
  const modules = join(path, "node_modules");
  try {
    cpSync(join(mount.folder, "app"), path, { recursive: true });
    if (mount.libraries) link(join(await installedLibraries(mount.libraries), "node_modules"), modules);
    unpack(join(modules, "vambe-identity"));
    const program = (name: string) => programOf(modules, name);
    for (const [name = "", ...args] of mount.build ?? [])
      run(program(name), args, path, mount.buildEnvironment);
    const home = mount.alone ? folder.file("alone") : path;
    if (mount.alone) renameSync(join(path, mount.alone), home);
    return { path, home, folder, program, [Symbol.dispose]: folder.remove };
  } catch (error) {
    folder.remove();
    throw error;
  }
}

/** One of the app's own libraries, or else of this checkout's: the same Node as runs the tests, and its compiler. */
function programOf(modules: string, name: string): string {
  if (name === "node") return process.execPath;
  const own = join(modules, ".bin", name);
  return existsSync(own) ? own : name;
}

/** As a copy, and quicker: the files are the same, the folders are not. */
function link(from: string, to: string): void {
  try {
    execFileSync("cp", ["-al", from, to], { stdio: "ignore" });
  } catch {
    // On another disk, or a system whose `cp` cannot.
    cpSync(from, to, { recursive: true, verbatimSymlinks: true });
  }
}

/** What `npm install ./vambe-identity-0.1.0.tgz` puts there. */
function unpack(target: string): void {
  mkdirSync(target, { recursive: true });
  execFileSync("tar", ["-xzf", inject("mounts").tarball, "--strip-components=1", "-C", target]);
}
