import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { startExchange } from "../support/exchange-process.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { ORIGIN } from "../support/world.ts";

export const SECRET = "bench-secret-of-thirty-two-bytes-and-more";
export const API_KEY = "bench-key";
export const CHANNEL = "a1b2c3d4-e5f6-4890-abcd-ef1234567890";

export interface Running extends AsyncDisposable {
  port: number;
  pid: number;
}

/** One of those in `server.ts`. */
export async function startServer(...words: string[]): Promise<Running> {
  const script = fileURLToPath(new URL("server.ts", import.meta.url));
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

/** The exchange as it is run, with an empty database on the disk, or what `environment` says. */
export async function startMeasured(
  vambePort: number,
  environment: Record<string, string> = {},
): Promise<Running> {
  const folder = temporaryFolder();
  const exchange = await startExchange({
    VAMBE_API_KEY: API_KEY,
    VAMBE_API_URL: `http://127.0.0.1:${vambePort}`,
    VAMBE_CHANNEL_ID: CHANNEL,
    VAMBE_IDENTITY_SECRET: SECRET,
    VAMBE_ALLOWED_ORIGINS: ORIGIN,
    VAMBE_DATABASE_URL: `file:${folder.file("bench.db")}`,
    VAMBE_MAX_RATE: "1000",
    // Counted like anywhere else, and never reached.
    VAMBE_RATE_LIMIT: "1000000000",
    ...environment,
  });
  return {
    port: exchange.port,
    pid: exchange.pid() ?? 0,
    [Symbol.asyncDispose]: async () => {
      await exchange[Symbol.asyncDispose]();
      folder.remove();
    },
  };
}
