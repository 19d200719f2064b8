import { type ChildProcess, type IOType, spawn } from "node:child_process";
import { once } from "node:events";
import { eventually } from "./eventually.ts";
import { freePort } from "./free-port.ts";
import { createPage, type Page } from "./page.ts";
import { signProof } from "./proofs.ts";
import { rawRequest } from "./raw-request.ts";
import { freshSettings, ORIGIN } from "./world.ts";

/** Where a stream of the process goes: a pipe of ours, an open file, or nowhere. */
export type Output = IOType | number;

export interface ExchangeWithOutput extends AsyncDisposable {
  child: ChildProcess;
  port: number;
  page: Page;
  /** The status of an identify with a proof that holds. */
  identify(id: string): Promise<number>;
  /** Resolves when the process has ended, with how. */
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

/** The real exchange with an output that may be broken: it is ready when it says so over HTTP, not in its log. */
export async function startWithOutput(
  stdout: Output,
  stderr: Output = "ignore",
  { shell = "" } = {},
): Promise<ExchangeWithOutput> {
  const { environment, secret } = freshSettings();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const command = [process.execPath, "server/cli/main.ts", "serve"];
  const child = spawn("sh", ["-c", `exec "$@" ${shell}`, "sh", ...command], {
    cwd: new URL("../..", import.meta.url),
    env: {
      PATH: process.env.PATH,
      ...environment,
      HOST: "127.0.0.1",
      PORT: `${port}`,
      VAMBE_PUBLIC_URL: url,
    },
    stdio: ["ignore", stdout, stderr],
    // A group of its own, so that what a shell has started ends with it.
    detached: true,
  });
  const ended = once(child, "exit").then(([code, signal]) => ({ code, signal }));
  const running = () => child.exitCode === null && child.signalCode === null;
  const page = createPage(url, ORIGIN);
  const ready = async () => !running() || (await rawRequest(`${url}/readyz`)).status === 200;
  await eventually("the exchange is ready", ready, { withinMs: 60_000 });
  return {
    child,
    port,
    page,
    ended,
    identify: async (id) => (await page.identify({ id }, signProof(secret, id))).status,
    [Symbol.asyncDispose]: async () => {
      if (running() && child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
      await ended;
    },
  };
}
