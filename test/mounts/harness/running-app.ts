import { spawn } from "node:child_process";
import { once } from "node:events";
import { eventually } from "../../support/eventually.ts";
import type { Ending, Environment } from "../../support/exchange-process.ts";
import { rawRequest } from "../../support/raw-request.ts";
import type { InstalledApp } from "./installed-app.ts";
import type { Mount } from "./mount.ts";

/** How long an app may take until its own page answers, and to end by itself. Milliseconds. */
const START_MS = 40_000;
const STOP_MS = 15_000;

export interface RunningApp extends AsyncDisposable {
  url: string;
  pid: number;
  isRunning(): boolean;
  /** Everything that it has printed. */
  output(): string;
  /** Asks it to end, as a platform does, and says how it did. One that does not end by itself is killed: `signal` says so. */
  stop(): Promise<Ending>;
}

/** Starts the app, and waits until its own page answers: whether the exchange is ready, is not asked. */
export async function startApp(
  { start: [name = "", ...args], page = "/" }: Mount,
  app: InstalledApp,
  port: number,
  environment: Environment,
): Promise<RunningApp> {
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(app.program(name), args, {
    cwd: app.home,
    env: {
      PATH: process.env.PATH,
      HOME: app.folder.path,
      HOST: "127.0.0.1",
      PORT: `${port}`,
      NODE_ENV: "production",
      ...environment,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const printed: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => printed.push(text));
  const output = () => printed.join("");
  const isRunning = () => child.exitCode === null && child.signalCode === null;
  const closed = once(child, "close");
  closed.catch(() => {});

  const end = async (signal: NodeJS.Signals): Promise<Ending> => {
    if (isRunning()) child.kill(signal);
    const impatience = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
    await closed;
    clearTimeout(impatience);
    return { code: child.exitCode, signal: child.signalCode, output: output() };
  };
  const answers = async () => !isRunning() || (await rawRequest(url + page)).status === 200;
  await eventually(`${url} answers`, answers, { withinMs: START_MS, everyMs: 50 }).catch(async (error) => {
    await end("SIGKILL");
    throw new Error(`${error.message}\n${output()}`);
  });
  if (!isRunning()) throw new Error(`the app has ended:\n${output()}`);
  return {
    url,
    pid: child.pid ?? 0,
    isRunning,
    output,
    stop: () => end("SIGTERM"),
    [Symbol.asyncDispose]: async () => void (await end("SIGKILL")),
  };
}
