import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { startExchange } from "../support/exchange-process.ts";
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

/**
 * The exchange as it is run, with an empty database on the disk, or what `environment` says.
 * @param program another version's `server/cli/main.ts`
 */
export async function startMeasured(
  vambePort: number,
  environment: Record<string, string> = {},
  program?: string,
): Promise<Running> {
  const folder = temporaryFolder();
  const exchange = await startExchange(
    {
      ...fresh,
      VAMBE_API_URL: `http://127.0.0.1:${vambePort}`,
      VAMBE_DATABASE_URL: `file:${folder.file("bench.db")}`,
      // Counted like anywhere else, and never reached.
      VAMBE_RATE_LIMIT: "1000000000",
      ...environment,
    },
    program === undefined ? {} : { program },
  );
  return {
    port: exchange.port,
    pid: exchange.pid() ?? 0,
    [Symbol.asyncDispose]: async () => {
      await exchange[Symbol.asyncDispose]();
      folder.remove();
    },
  };
}
