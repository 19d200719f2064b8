import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { freePort } from "../support/free-port.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { freshSettings } from "../support/world.ts";
import { median } from "./load.ts";
import { PUBLISHED } from "./processes.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const ROUNDS = 9;

/** A program that says on its standard output when it listens. */
interface Starting {
  name: string;
  args: string[];
  /** What it says then. */
  says: RegExp;
}

const STARTING: Starting[] = [
  { name: "bare `node:http`", args: [`${ROOT}test/bench/server.ts`, "bare", "s".repeat(32)], says: /\d/ },
  {
    name: "exchange as it is published, with an SQLite file",
    args: [PUBLISHED, "serve"],
    says: /"listening"/,
  },
  {
    name: "exchange from its sources, as by `npm start` in a built clone",
    args: [`${ROOT}server/cli/main.ts`, "serve"],
    says: /"listening"/,
  },
];

/** How long each takes from the start of its process until it listens, in milliseconds, in turns. */
export async function timeStarts(): Promise<{ name: string; ms: number; ratio: number }[]> {
  if (!existsSync(PUBLISHED)) throw new Error("there is no dist/: run `npm run build` first");
  const rounds: number[][] = STARTING.map(() => []);
  for (let round = 0; round < ROUNDS; round++)
    for (const [index, starting] of STARTING.entries()) rounds[index]?.push(await timeStart(starting));
  return STARTING.map(({ name }, index) => ({
    name,
    ms: median(rounds[index] ?? []),
    ratio: median((rounds[index] ?? []).map((ms, round) => ms / (rounds[0]?.[round] ?? ms))),
  }));
}

async function timeStart({ args, says }: Starting): Promise<number> {
  using folder = temporaryFolder();
  const environment = {
    ...freshSettings().environment,
    VAMBE_DATABASE_URL: `file:${folder.file("exchange.db")}`,
    PORT: `${await freePort()}`,
    HOST: "127.0.0.1",
  };
  const began = performance.now();
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", ...args], {
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "close");
  let said = "";
  for await (const chunk of child.stdout) {
    said += chunk;
    if (says.test(said)) break;
  }
  const ms = performance.now() - began;
  child.kill("SIGKILL");
  await ended;
  return ms;
}
