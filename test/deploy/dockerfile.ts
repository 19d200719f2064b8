import { chownSync, cpSync, globSync, mkdirSync, statSync } from "node:fs";
import { basename, join, posix } from "node:path";
import { type Around, type InRoot, type RootFolder, rootFolder } from "./root-folder.ts";

/** Carries out a Dockerfile as far as ours goes, and fails on whatever it does not know. There is no image to begin with but this machine. */

interface Stage {
  root: RootFolder;
  cwd: string;
  env: Record<string, string>;
  user: { uid: number; gid: number } | undefined;
  volumes: string[];
  ports: number[];
  healthcheck: string[] | undefined;
  entrypoint: string[];
  command: string[];
}

export interface Image extends Disposable {
  root: RootFolder;
  ports: readonly number[];
  volumes: readonly string[];
  user: Stage["user"];
  /** `docker run --read-only --cap-drop=ALL`. @param command instead of its own */
  run(env?: Record<string, string>, command?: readonly string[]): InRoot;
  /** As Docker asks for the health of a container with that environment: the exit code. */
  checkHealth(env?: Record<string, string>): Promise<number | null>;
}

const instructionsIn = (text: string): [name: string, rest: string][] =>
  text
    .replace(/^\s*#.*$/gm, "")
    .replace(/\\\n/g, " ")
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean)
    .map((line) => [line.split(/\s/, 1)[0] ?? "", line.replace(/^\S+\s*/, "")]);

/** The form without a shell: a JSON list of words. */
function wordsOf(instruction: string, rest: string): string[] {
  if (!rest.startsWith("["))
    throw new Error(`${instruction} has to be a list, or a shell keeps its signals: ${rest}`);
  return JSON.parse(rest);
}

/** Builds the last stage of a Dockerfile. @param context the folder that COPY takes from */
export async function buildImage(dockerfile: string, context: string): Promise<Image> {
  const args: Record<string, string> = {};
  const stages = new Map<string, Stage>();
  let stage: Stage | undefined;
  const dispose = () => {
    for (const { root } of stages.values()) root[Symbol.dispose]();
  };
  try {
    for (const [name, rest] of instructionsIn(dockerfile)) {
      if (name === "ARG") {
        const [argument = "", value = ""] = rest.split("=");
        args[argument] = value;
      } else if (name === "FROM") {
        const [, image = "", as = `${stages.size}`] = /^(\S+)(?: AS (\S+))?$/.exec(expand(rest, args)) ?? [];
        const major = process.versions.node.split(".", 1)[0];
        if (!image.startsWith(`node:${major}-`))
          throw new Error(`FROM ${image} is not the Node ${major} that runs here`);
        stage = {
          root: rootFolder(),
          cwd: "/",
          env: {},
          user: undefined,
          volumes: [],
          ports: [],
          healthcheck: undefined,
          entrypoint: [],
          command: [],
        };
        stages.set(as, stage);
      } else if (stage) {
        await carryOut(name, rest, stage, { stages, context });
      } else {
        throw new Error(`${name} stands before any FROM`);
      }
    }
    if (!stage) throw new Error("there is no FROM");
    return imageOf(stage, dispose);
  } catch (error) {
    dispose();
    throw error;
  }
}

const expand = (text: string, values: Record<string, string>) =>
  text.replace(/\$\{(\w+)\}/g, (_, name: string) => values[name] ?? "");

interface Surroundings {
  stages: ReadonlyMap<string, Stage>;
  context: string;
}

async function carryOut(name: string, rest: string, stage: Stage, around: Surroundings): Promise<void> {
  if (name === "WORKDIR") {
    stage.cwd = posix.resolve(stage.cwd, rest);
    mkdirSync(stage.root.file(stage.cwd), { recursive: true });
  } else if (name === "COPY") copy(rest, stage, around);
  else if (name === "RUN") {
    const { code, output } = await stage.root.run(["sh", "-c", rest], aroundIn(stage));
    if (code !== 0) throw new Error(`RUN ${rest} ended with ${code}:\n${output}`);
  } else if (name === "ENV") {
    const [variable = "", value = ""] = rest.split(/=(.*)/s);
    stage.env[variable] = value;
  } else if (name === "USER") {
    const [uid, gid] = rest.split(":").map(Number);
    if (!uid || !gid) throw new Error(`USER ${rest} has to be two numbers other than 0`);
    stage.user = { uid, gid };
  } else if (name === "EXPOSE") stage.ports.push(Number(rest));
  else if (name === "VOLUME") stage.volumes.push(rest);
  else if (name === "HEALTHCHECK") {
    const [, options = "", words = ""] = /^((?:--\S+\s+)*)CMD (.*)$/.exec(rest) ?? [];
    if (!/--timeout=\d+s/.test(options)) throw new Error(`HEALTHCHECK ${rest} is not understood`);
    stage.healthcheck = wordsOf(name, words);
  } else if (name === "ENTRYPOINT") stage.entrypoint = wordsOf(name, rest);
  else if (name === "CMD") stage.command = wordsOf(name, rest);
  else throw new Error(`${name} is not an instruction that this test knows`);
}

const aroundIn = ({ cwd, env, user }: Stage): Around => ({ cwd, env, ...(user && { user }) });

function copy(rest: string, stage: Stage, { stages, context }: Surroundings): void {
  const [, from, pattern = "", to = ""] = /^(?:--from=(\S+) )?(\S+) (\S+)$/.exec(rest) ?? [];
  const source = from === undefined ? undefined : stages.get(from);
  if (from !== undefined && !source) throw new Error(`COPY takes from a stage that there is not: ${from}`);
  const found = source
    ? [source.root.file(pattern)]
    : globSync(pattern, { cwd: context }).map((name) => join(context, name));
  if (found.length === 0) throw new Error(`COPY finds no ${pattern}`);
  const target = stage.root.file(posix.resolve(stage.cwd, to));
  for (const path of found) {
    // Of a folder its contents are copied.
    const at = statSync(path).isDirectory()
      ? target
      : to.endsWith("/")
        ? join(target, basename(path))
        : target;
    cpSync(path, at, { recursive: true, verbatimSymlinks: true });
    chownSync(at, 0, 0);
  }
}

function imageOf(stage: Stage, dispose: () => void): Image {
  const { root, ports, volumes, user, entrypoint, command, healthcheck } = stage;
  const around = (env: Record<string, string>): Around => ({
    ...aroundIn(stage),
    env: { ...stage.env, ...env },
    readOnlyBut: volumes,
  });
  return {
    root,
    ports,
    volumes,
    user,
    run: (env = {}, words = command) => root.start([...entrypoint, ...words], around(env)),
    checkHealth: async (env = {}) => {
      if (!healthcheck) throw new Error("there is no HEALTHCHECK");
      return (await root.run(healthcheck, around(env))).code;
    },
    [Symbol.dispose]: dispose,
  };
}
