import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { programsOfAll } from "../support/programs.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

/** What a process has around it. */
export interface Around {
  env?: Record<string, string>;
  cwd?: string;
  /** By number: nobody else's rights, no capabilities, and none to be had. Without it, root. */
  user?: { uid: number; gid: number };
  /** The paths that may be written to, and `/tmp`; nothing else may. Without it, all that is in the folder. */
  readOnlyBut?: readonly string[];
  /** Given to it as its standard input. */
  input?: string;
}

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** Standard output and standard error together. */
  output: string;
}

export interface InRoot {
  /** The process itself, the first in its own list of processes, as this machine counts it. */
  pid(): number | undefined;
  output(): string;
  signal(name: NodeJS.Signals): void;
  ended: Promise<Ended>;
}

export interface RootFolder extends Disposable {
  /** Where a path of it stands on this machine. */
  file(path: string): string;
  /** Puts a shell script beside node and npm. */
  addProgram(name: string, script: string): void;
  start(command: readonly string[], around?: Around): InRoot;
  run(command: readonly string[], around?: Around): Promise<Ended>;
}

const SYSTEM = ["bin", "sbin", "lib", "lib64", "lib32", "libx32"];
/** What programs look up of the system they run on: accounts, names, defaults. */
const OF_ETC = [
  "passwd",
  "group",
  "shadow",
  "gshadow",
  "login.defs",
  "nsswitch.conf",
  "hosts",
  "ssl",
  "pam.d",
];
const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Why nothing can be run in a folder as its root here, where it cannot. */
export function reasonToSkipRoots(): string | undefined {
  if (process.getuid?.() !== 0) return "only root may give a process another root";
  try {
    execFileSync("unshare", ["--mount", "--pid", "--fork", "mount", "-t", "tmpfs", "none", "/mnt"], {
      env: programsOfAll(),
      stdio: "ignore",
    });
    return undefined;
  } catch {
    return "this system lets nobody mount anything";
  }
}

/**
 * An empty folder that processes have as their root: with the programs of this machine, which they cannot change, with
 * the Node that runs the tests as `/usr/local/bin/node`, where official images and installers have it, and npm.
 */
export function rootFolder(): RootFolder {
  const folder = temporaryFolder();
  chmodSync(folder.path, 0o755);
  const root = folder.file("root");
  const at = (path: string) => join(root, path);
  for (const path of ["usr", "etc", "proc", "dev", "tmp", "root", "opt", "home", "run"])
    mkdirSync(at(path), { recursive: true });
  mkdirSync(at("var/lib"), { recursive: true });
  chmodSync(at("tmp"), 0o1777);
  for (const name of OF_ETC)
    if (existsSync(`/etc/${name}`))
      cpSync(`/etc/${name}`, at(`etc/${name}`), { recursive: true, verbatimSymlinks: true });
  const system: [from: string, to: string][] = [["/usr", at("usr")]];
  for (const name of SYSTEM) {
    if (!existsSync(`/${name}`)) continue;
    if (lstatSync(`/${name}`).isSymbolicLink()) symlinkSync(readlinkSync(`/${name}`), at(name));
    else {
      mkdirSync(at(name));
      system.push([`/${name}`, at(name)]);
    }
  }
  const running = new Set<InRoot>();
  const local = folder.file("local");
  const programs = localPrograms(local);

  function start(command: readonly string[], around: Around = {}): InRoot {
    const { env = {}, cwd = "/", user, readOnlyBut, input } = around;
    const lines = [
      "set -e",
      "mount --make-rprivate /",
      `mount --bind ${root} ${root}`,
      ...system.flatMap(([from, to]) => [`mount --bind ${from} ${to}`, readOnly(to)]),
      `mount --bind ${local} ${at("usr/local")}`,
      ...(readOnlyBut ? [readOnly(at("usr/local"))] : []),
      ...programs.flatMap(([from, to]) => [
        `mount --bind ${from} ${at(`usr/local/${to}`)}`,
        readOnly(at(`usr/local/${to}`)),
      ]),
      `mount -t proc proc ${at("proc")}`,
      `mount --rbind /dev ${at("dev")}`,
      ...(readOnlyBut ?? []).map((path) => `mount --bind ${at(path)} ${at(path)}`),
      ...(readOnlyBut ? [readOnly(root), `mount -t tmpfs -o mode=1777 tmpfs ${at("tmp")}`] : []),
      'exec chroot "$@"',
    ];
    const rights = user
      ? [
          "setpriv",
          `--reuid=${user.uid}`,
          `--regid=${user.gid}`,
          "--clear-groups",
          "--no-new-privs",
          "--inh-caps=-all",
          "--bounding-set=-all",
        ]
      : [];
    const settings = Object.entries({ PATH, HOME: user ? "/" : "/root", ...env }).map(
      ([name, value]) => `${name}=${value}`,
    );
    const inner = [root, ...rights, "env", "-i", "-C", cwd, ...settings, ...command];
    const child = spawn(
      "unshare",
      ["--mount", "--pid", "--fork", "--kill-child", "sh", "-c", lines.join("\n"), "sh", ...inner],
      { env: programsOfAll(), stdio: ["pipe", "pipe", "pipe"] },
    );
    child.stdin.on("error", () => {});
    child.stdin.end(input);
    const started = watched(child);
    running.add(started);
    void started.ended.then(() => running.delete(started));
    return started;
  }

  return {
    file: at,
    addProgram: (name, script) =>
      writeFileSync(join(local, "bin", name), `#!/bin/sh\nset -e\n${script}\n`, { mode: 0o755 }),
    start,
    run: (command, around) => start(command, around).ended,
    [Symbol.dispose]: () => {
      for (const each of running) each.signal("SIGKILL");
      folder.remove();
    },
  };
}

const readOnly = (path: string) => `mount -o remount,bind,ro ${path}`;

/** What stands in /usr/local: empty files and folders, and what is mounted over them. */
function localPrograms(local: string): [from: string, to: string][] {
  const npm = dirname(dirname(realpathSync(findProgram("npm"))));
  mkdirSync(join(local, "bin"), { recursive: true });
  mkdirSync(join(local, "lib/node_modules/npm"), { recursive: true });
  for (const name of ["npm", "npx"])
    symlinkSync(`../lib/node_modules/npm/bin/${name}-cli.js`, join(local, "bin", name));
  writeFileSync(join(local, "bin/node"), "", { mode: 0o755 });
  return [
    [realpathSync(process.execPath), "bin/node"],
    [npm, "lib/node_modules/npm"],
  ];
}

const findProgram = (name: string): string =>
  execFileSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).trim();

function watched(child: ChildProcess): InRoot {
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding("utf8").on("data", (text: string) => output.push(text));
  const pid = () => {
    const children = `/proc/${child.pid}/task/${child.pid}/children`;
    const [first] = existsSync(children) ? readFileSync(children, "utf8").trim().split(" ") : [];
    return first ? Number(first) : undefined;
  };
  return {
    pid,
    output: () => output.join(""),
    signal: (name) => {
      const first = pid();
      if (first !== undefined) process.kill(first, name);
      // What has taken another user's rights would outlive it, and keep its output open.
      if (name === "SIGKILL") child.kill(name);
    },
    ended: once(child, "close").then(([code, signal]) => ({ code, signal, output: output.join("") })),
  };
}
