import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/free-port.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { freshSettings } from "../support/world.ts";

const { secret, environment: fresh } = freshSettings();
export const SECRET = secret;

/** The program as it is published, which `npm run build` makes: one that runs from its sources has what reads TypeScript as well. */
export const PUBLISHED = fileURLToPath(new URL("../../dist/server/cli.js", import.meta.url));

export interface Running extends AsyncDisposable {
  port: number;
  pid: number;
}

/** One of those in `server.ts`. */
export const startServer = (...words: string[]): Promise<Running> =>
  startScript(fileURLToPath(new URL("server.ts", import.meta.url)), ...words);

/** A script that prints its port once it listens. */
export async function startScript(script: string, ...words: string[]): Promise<Running> {
  const child = spawn(process.execPath, [script, ...words], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(child.stdout, "data");
  return {
    port: Number(String(line)),
    pid: child.pid ?? 0,
    [Symbol.asyncDispose]: async () => {
      child.kill();
      await once(child, "close");
    },
  };
}

const SOURCES = fileURLToPath(new URL("../../server/cli/main.ts", import.meta.url));

/**
 * The exchange as it is run, with an empty database on the disk, or what `environment` says. Its log goes into a file: who makes
 * the load must not have to read it.
 * @param program another version's `server/cli/main.ts`
 */
export async function startMeasured(
  vambePort: number,
  environment: Record<string, string> = {},
  program = SOURCES,
): Promise<Running> {
  const folder = temporaryFolder();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const log = openSync(folder.file("log"), "w");
  const child = spawn(process.execPath, [program, "serve"], {
    env: {
      PATH: process.env.PATH,
      ...fresh,
      HOST: "127.0.0.1",
      PORT: `${port}`,
      VAMBE_PUBLIC_URL: url,
      VAMBE_API_URL: `http://127.0.0.1:${vambePort}`,
      VAMBE_DATABASE_URL: `file:${folder.file("bench.db")}`,
      // Counted like anywhere else, and never reached.
      VAMBE_RATE_LIMIT: "1000000000",
      ...environment,
    },
    stdio: ["ignore", log, "inherit"],
  });
  closeSync(log);
  await eventually("the exchange is ready", async () => {
    if (child.exitCode !== null) throw new Error(readFileSync(folder.file("log"), "utf8"));
    return (await fetch(`${url}/readyz`, { headers: { connection: "close" } })).ok;
  });
  return {
    port,
    pid: child.pid ?? 0,
    [Symbol.asyncDispose]: async () => {
      const closed = once(child, "close");
      if (child.kill("SIGKILL")) await closed;
      folder.remove();
    },
  };
}
