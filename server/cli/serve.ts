import { once } from "node:events";
import type { Server } from "node:http";
import { setTimeout as setTimeoutAsync } from "node:timers/promises";
import { type Exchange, startExchange } from "../exchange.ts";
import { createNodeListener } from "../http/edge/node.ts";
import { createNodeServer } from "../http/edge/node-server.ts";
import { createLog, type Log } from "../log.ts";
import { readEnvironment } from "../settings/environment.ts";
import { hasDrained, writeLine } from "../standard-output.ts";
import { UsageError } from "./arguments.ts";
import { explain, fail } from "./explain.ts";

/** How long a stop may take before it is forced, in milliseconds. */
const STOP_MS = 20_000;
/** How long the last answers may take to go out, in milliseconds. */
const FLUSH_MS = 2000;

/** Runs the exchange until SIGTERM or SIGINT. Sets the exit code where it cannot start. */
export async function serve(args: string[], environment: NodeJS.ProcessEnv): Promise<void> {
  if (args.length > 0)
    return fail(
      "serve",
      new UsageError(`"serve ${args.join(" ")}" is not understood: the settings come from the environment`),
    );
  const log = createLog(writeLine);
  // Whether anybody reads what is said decides nothing.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
  // Node's own last words would be the error's message and whatever hangs on it.
  process.once("uncaughtException", (error) => {
    log.error("uncaught error: the exchange ends", { cause: error });
    process.exit(1);
  });
  let server: Server | undefined;
  let opened: Exchange | undefined;
  try {
    const { settings, listener, warnings } = readEnvironment(environment);
    const listening = createNodeServer(log, settings.publicUrl);
    server = listening;
    // The port first: where another exchange has it, that one has the database too.
    listening.listen(listener.port, listener.host);
    await once(listening, "listening");
    for (const warning of warnings) log.warn(warning);
    const exchange = startExchange(settings, { log });
    opened = exchange;
    listening.on("request", createNodeListener(exchange.answer, settings.publicUrl));
    await exchange.ready;
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      process.once(signal, () => void stop(listening, exchange, log));
    }
    log.info("listening", { url: settings.publicUrl });
  } catch (error) {
    console.error(`vambe-identity cannot start. ${capitalized(explain(error))}`);
    process.exitCode = 1;
    await opened?.close();
    server?.close();
    server?.closeAllConnections();
  }
}

/** Takes no more requests, answers those that are under way, and lets the exchange finish. */
async function stop(server: Server, exchange: Exchange, log: Log): Promise<void> {
  setTimeout(() => process.exit(1), STOP_MS).unref();
  const closed = once(server, "close");
  server.close();
  await exchange.close().catch((error) => {
    log.error("the exchange could not be closed in order", { cause: error });
    process.exitCode = 1;
  });
  // Connections that were busy become idle as their answers go out.
  const sweep = setInterval(() => server.closeIdleConnections(), 20);
  await Promise.race([closed, setTimeoutAsync(FLUSH_MS, undefined, { ref: false })]);
  clearInterval(sweep);
  server.closeAllConnections();
  log.info("stopped");
  // A reader that does not read would keep the process.
  if (!(await hasDrained(FLUSH_MS))) process.exit();
}

const capitalized = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
