import { once } from "node:events";
import { createServer } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { readEnvironment } from "../environment.ts";
import { createExchange } from "../index.ts";
import { createLog } from "../log.ts";
import { SettingsError } from "../settings.ts";

/** Bounds against slow and swollen requests. Milliseconds; bytes. */
const LIMITS = {
  headersTimeout: 10_000,
  requestTimeout: 15_000,
  keepAliveTimeout: 65_000,
  maxHeaderSize: 16 * 1024,
};
/** How long a stop may take before it is forced, in milliseconds. */
const STOP_MS = 20_000;

/** Runs the exchange until SIGTERM or SIGINT. Sets the exit code where it cannot start. */
export async function serve(environment: NodeJS.ProcessEnv): Promise<void> {
  const log = createLog((line) => process.stdout.write(`${line}\n`));
  try {
    const { settings, listener, warnings } = readEnvironment(environment);
    for (const warning of warnings) log.warn(warning);
    const exchange = createExchange(settings, { log });
    await exchange.ready;
    const server = createServer(LIMITS, getRequestListener(exchange.fetch));
    server.listen(listener.port, listener.host);
    await once(server, "listening");
    log.info("listening", { url: settings.publicUrl });

    const stop = async () => {
      setTimeout(() => process.exit(1), STOP_MS).unref();
      const closed = once(server, "close");
      server.close();
      server.closeIdleConnections();
      await exchange.close();
      server.closeAllConnections();
      await closed;
      log.info("stopped");
    };
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => void stop());
  } catch (error) {
    console.error(`vambe-identity cannot start. ${explain(error)}`);
    process.exitCode = 1;
  }
}

/** For a person at a terminal. The messages of system and database errors hold no secrets. */
function explain(error: unknown): string {
  if (error instanceof SettingsError) return error.message;
  if (!(error instanceof Error)) return "Unknown error.";
  const code = "code" in error ? String(error.code) : "";
  if (code === "EADDRINUSE") return "The port is taken: set PORT to another, or stop what uses it.";
  if (code === "EACCES") return "The port may not be used by this account: set PORT to one above 1023.";
  if (code === "ERR_SQLITE_ERROR")
    return `The database (VAMBE_DATABASE_URL) cannot be used: ${error.message}.`;
  return error.message;
}
