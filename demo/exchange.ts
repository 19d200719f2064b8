import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { ENTRY, ROOT, withSettings } from "./command.ts";

const START_DEADLINE_MS = 60_000;
const STOP_DEADLINE_MS = 15_000;
/** The second signal leaves out the time in which a proxy would see that it stops. */
const AT_ONCE = ["SIGTERM", "SIGINT"] as const;
const LAST_LINES = 20;

export interface ExchangeOptions {
  url: string;
  /** Asked at each start. */
  environment: () => Record<string, string>;
  /** Told when the process ends and nobody asked it to. */
  onDeath: (why: string) => void;
}

/** The real exchange, as a process of its own: what `npm start` runs, with the demo's environment. */
export function createExchangeProcess({ url, environment, onDeath }: ExchangeOptions) {
  const logs: string[] = [];
  let child: ChildProcess | null = null;
  let ending = false;

  const alive = () => child !== null && child.exitCode === null && child.signalCode === null;

  const why = () => {
    const said = logs.join("").trimEnd().split("\n").slice(-LAST_LINES).join("\n");
    const how = child?.signalCode ? `signal ${child.signalCode}` : `exit code ${child?.exitCode}`;
    return `The exchange has stopped (${how}). The last it said:\n${said || "(nothing)"}`;
  };

  const isReady = async () => {
    const answer = await fetch(`${url}/readyz`).catch(() => null);
    return answer?.ok ?? false;
  };

  const start = async () => {
    ending = false;
    let started = false;
    const spawned = spawn(process.execPath, [ENTRY, "serve"], {
      cwd: ROOT,
      env: withSettings(environment()),
      stdio: ["ignore", "pipe", "pipe"],
    });
    child = spawned;
    const killWithUs = () => spawned.kill("SIGKILL");
    process.once("exit", killWithUs);
    for (const stream of [spawned.stdout, spawned.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => logs.push(text));
    }
    spawned.once("close", () => {
      process.off("exit", killWithUs);
      if (started && !ending) onDeath(why());
    });

    const deadline = Date.now() + START_DEADLINE_MS;
    while (!(await isReady())) {
      if (!alive()) throw new Error(why());
      if (Date.now() > deadline) {
        spawned.kill("SIGKILL");
        throw new Error(`The exchange was not ready in time. It said:\n${logs.join("")}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    started = true;
  };

  const end = async (...signals: NodeJS.Signals[]) => {
    ending = true;
    const running = child;
    if (!running || !alive()) return;
    const closed = once(running, "close");
    for (const signal of signals) running.kill(signal);
    const impatience = setTimeout(() => running.kill("SIGKILL"), STOP_DEADLINE_MS);
    await closed;
    clearTimeout(impatience);
  };

  return {
    logs,
    start,
    /** As a crash would: nothing is finished, nothing is said. */
    kill: () => end("SIGKILL"),
    stop: () => end(...AT_ONCE),
    restart: async () => {
      await end(...AT_ONCE);
      await start();
    },
  };
}
