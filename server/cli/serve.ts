import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { setTimeout as setTimeoutAsync } from "node:timers/promises";
import { type Exchange, startExchange } from "../exchange.ts";
import { listenerOf } from "../http/edge/node.ts";
import { createLog, type Log } from "../log.ts";
import { SettingsError } from "../settings/check-settings.ts";
import { readEnvironment } from "../settings/environment.ts";
import { writeLine } from "../standard-output.ts";

/** Bounds against slow and swollen requests. Milliseconds; bytes. */
const LIMITS = {
  headersTimeout: 10_000,
  // Node looks for requests that are too slow only so often.
  connectionsCheckingInterval: 1000,
  requestTimeout: 15_000,
  keepAliveTimeout: 65_000,
  maxHeaderSize: 16 * 1024,
};
/** How long a stop may take before it is forced, in milliseconds. */
const STOP_MS = 20_000;
/** How long the last answers may take to go out, in milliseconds. */
const FLUSH_MS = 2000;

/** Runs the exchange until SIGTERM or SIGINT. Sets the exit code where it cannot start. */
export async function serve(environment: NodeJS.ProcessEnv): Promise<void> {
  const log = createLog(writeLine);
  // Node's own last words would be the error's message and whatever hangs on it.
  process.once("uncaughtException", (error) => {
    log.error("uncaught error: the exchange ends", { cause: error });
    process.exit(1);
  });
  const server = createServer(LIMITS);
  let opened: Exchange | undefined;
  try {
    const { settings, listener, warnings } = readEnvironment(environment);
    // The port first: where another exchange has it, that one has the database too.
    server.listen(listener.port, listener.host);
    await once(server, "listening");
    for (const warning of warnings) log.warn(warning);
    const exchange = startExchange(settings, { log });
    opened = exchange;
    server.on("request", listenerOf(exchange, settings.publicUrl));
    await exchange.ready;
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      process.once(signal, () => void stop(server, exchange, log));
    }
    log.info("listening", { url: settings.publicUrl });
  } catch (error) {
    console.error(`vambe-identity cannot start. ${explain(error)}`);
    process.exitCode = 1;
    await opened?.close();
    server.close();
    server.closeAllConnections();
  }
}

/** Takes no more requests, answers those that are under way, and lets the exchange finish. */
async function stop(server: Server, exchange: Exchange, log: Log): Promise<void> {
  setTimeout(() => process.exit(1), STOP_MS).unref();
  const closed = once(server, "close");
  server.close();
  await exchange.close();
  // Connections that were busy become idle as their answers go out.
  const sweep = setInterval(() => server.closeIdleConnections(), 20);
  await Promise.race([closed, setTimeoutAsync(FLUSH_MS, undefined, { ref: false })]);
  clearInterval(sweep);
  server.closeAllConnections();
  log.info("stopped");
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
