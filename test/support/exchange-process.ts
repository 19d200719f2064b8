import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { eventually } from "./eventually.ts";
import { freePort } from "./free-port.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const PORT_TAKEN = "The port is taken";
const START_MS = 60_000;
const STOP_MS = 30_000;
/** Two of the same might become one on their way. */
const AT_ONCE = ["SIGTERM", "SIGINT"] as const;

export type Environment = Record<string, string>;

/** What a process that has ended leaves behind. */
export interface Ending {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** Standard output and standard error together. */
  output: string;
}

export interface Surroundings {
  /** A shell command before the start, such as `ulimit -f 100`. */
  shell?: string;
  /** Instead of `server/cli/main.ts`. */
  program?: string;
}

export interface ExchangeProcess extends AsyncDisposable {
  url: string;
  port: number;
  /** Of the shell that has become the exchange. */
  pid(): number | undefined;
  isRunning(): boolean;
  /** Everything that it has printed since the first start, standard error included. */
  output(): string;
  /** Each line of the log, parsed. Throws where a line is not JSON. */
  log(): Record<string, unknown>[];
  /** Asks it to stop, and says how it ended. Without a signal, by two at once, which leave out the time of grace. */
  stop(signal?: "SIGTERM" | "SIGINT"): Promise<Ending>;
  /** SIGKILL: nothing is finished, nothing is said. */
  kill(): Promise<void>;
  /** Starts again on the same port with the same database, changed settings aside. */
  restart(changes?: Environment, options?: { withinMs?: number } & Surroundings): Promise<void>;
}

/** Runs the real exchange, `node server/cli/main.ts serve`, on a free port and waits until it is ready. */
export async function startExchange(
  environment: Environment,
  surroundings: Surroundings = {},
): Promise<ExchangeProcess> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOn(await freePort(), environment, surroundings);
    } catch (error) {
      // Somebody else was quicker to take the port that had been free.
      if (attempt === 5 || !String(error).includes(PORT_TAKEN)) throw error;
    }
  }
}

/** Runs the exchange until it ends by itself, which is what one with bad settings should do. */
export async function runExchange(environment: Environment, args = ["serve"]): Promise<Ending> {
  const child = spawnExchange(environment, args);
  const output = collect(child);
  const impatience = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
  const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  clearTimeout(impatience);
  return { code, signal, output: output.join("") };
}

async function startOn(
  port: number,
  environment: Environment,
  surroundings: Surroundings,
): Promise<ExchangeProcess> {
  const url = `http://127.0.0.1:${port}`;
  const output: string[] = [];
  let settings: Environment = { HOST: "127.0.0.1", VAMBE_PUBLIC_URL: url, ...environment, PORT: `${port}` };
  let chunksBefore = 0;
  let child = spawnExchange(settings, ["serve"], surroundings);
  collect(child, output);
  // Whoever answers at the port may be another's: it has to be the child that says that it listens.
  const isListening = () => output.slice(chunksBefore).join("").includes('"event":"listening"');

  const isRunning = () => child.exitCode === null && child.signalCode === null;
  const end = async (...signals: NodeJS.Signals[]): Promise<Ending> => {
    const running = isRunning();
    const closed = running ? once(child, "close") : Promise.resolve();
    if (running) for (const signal of signals) child.kill(signal);
    const impatience = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
    await closed;
    clearTimeout(impatience);
    return { code: child.exitCode, signal: child.signalCode, output: output.join("") };
  };
  const untilReady = (withinMs = START_MS) =>
    eventually(
      "the exchange is ready",
      async () => {
        if (!isRunning()) return "ended";
        if (!isListening()) return undefined;
        const signal = AbortSignal.timeout(withinMs);
        return (await fetch(`${url}/readyz`, { headers: { connection: "close" }, signal })).ok && "ready";
      },
      { withinMs },
    ).then((state) => {
      if (state === "ended") throw new Error(`the exchange has ended:\n${output.join("")}`);
    });

  await untilReady().catch(async (error) => {
    await end("SIGKILL");
    throw error;
  });
  return {
    url,
    port,
    pid: () => child.pid,
    isRunning,
    output: () => output.join(""),
    log: () =>
      output
        .join("")
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line)),
    stop: (signal) => (signal ? end(signal) : end(...AT_ONCE)),
    kill: async () => void (await end("SIGKILL")),
    restart: async (changes = {}, { withinMs = START_MS, ...around } = {}) => {
      await end(...AT_ONCE);
      settings = { ...settings, ...changes };
      chunksBefore = output.length;
      child = spawnExchange(settings, ["serve"], around);
      collect(child, output);
      await untilReady(withinMs);
    },
    [Symbol.asyncDispose]: async () => void (await end("SIGKILL")),
  };
}

function spawnExchange(
  environment: Environment,
  args: string[],
  { shell = ":", program = "server/cli/main.ts" }: Surroundings = {},
): ChildProcess {
  const command = [process.execPath, program, ...args];
  return spawn("sh", ["-c", `${shell} && exec "$@"`, "sh", ...command], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

function collect(child: ChildProcess, output: string[] = []): string[] {
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => output.push(text));
  }
  return output;
}
