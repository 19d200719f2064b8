import { once } from "node:events";
import type { Server } from "node:http";
import { setImmediate, setTimeout as sleep } from "node:timers/promises";
import type { ServedExchange } from "../exchange.ts";
import type { Log } from "../log.ts";
import { hasDrained } from "../standard-output.ts";

/** How long a stop may take after the time of grace before it is forced, in milliseconds. */
export const STOP_MS = 20_000;
/** How long the last answers, and then the last lines, may take to go out, in milliseconds. */
const FLUSH_MS = 2000;

export interface Stoppable {
  server: Server;
  exchange: ServedExchange;
  log: Log;
  /** Is aborted when the stop begins. */
  stopping: AbortController;
  /** How long all goes on as before meanwhile, in milliseconds. */
  graceMs: number;
}

/** The first SIGTERM or SIGINT begins the stop, the second ends the time of grace, others change nothing. */
export function stopOnSignals(stoppable: Stoppable): void {
  const { stopping } = stoppable;
  const hurry = new AbortController();
  const onSignal = () => {
    if (stopping.signal.aborted) return hurry.abort();
    stopping.abort();
    void stop(stoppable, hurry.signal);
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, onSignal);
}

/**
 * First goes on until whoever is in front has seen that `/readyz` says no, and sends nothing more. Connections that idle
 * stay open for that long too: a request that is on its way on one of them would be lost. Then takes no more requests,
 * answers those that are under way, and lets the exchange finish.
 */
async function stop({ server, exchange, log, graceMs }: Stoppable, hurry: AbortSignal): Promise<void> {
  log.info("stopping: /readyz says no, and requests are still answered for a few seconds");
  await sleep(graceMs, undefined, { signal: hurry }).catch(() => {});
  setTimeout(() => process.exit(1), STOP_MS).unref();
  const closed = once(server, "close");
  // Connections that have been made by now are taken on: closed with the door, they would be reset.
  await setImmediate();
  server.close();
  // Connections that were busy become idle as their answers go out.
  const sweep = setInterval(() => server.closeIdleConnections(), 20);
  await exchange.endDeliveries();
  // The database last: on connections that were open a request may still come.
  await Promise.race([closed, sleep(FLUSH_MS, undefined, { ref: false })]);
  await exchange.close().catch((error) => {
    log.error("the exchange could not be closed in order", { cause: error });
    process.exitCode = 1;
  });
  await Promise.race([closed, sleep(FLUSH_MS, undefined, { ref: false })]);
  clearInterval(sweep);
  server.closeAllConnections();
  log.info("stopped");
  // A reader that does not read would keep the process.
  if (!(await hasDrained(FLUSH_MS))) process.exit();
}
