import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { version } from "#built-in";
import { type ServedExchange, startExchange } from "../exchange.ts";
import { explain } from "../explain.ts";
import type { AnswerCall } from "../http/core.ts";
import { createNodeListener } from "../http/edge/node.ts";
import { createNodeServer } from "../http/edge/node-server.ts";
import { kindOfDatabase } from "../ledger/open.ts";
import { createLog, type Log } from "../log.ts";
import type { Settings } from "../settings/check-settings.ts";
import { readEnvironment } from "../settings/environment.ts";
import { tellInForm, writeLine } from "../standard-output.ts";
import type { Exchange } from "../types.ts";
import { UsageError } from "./arguments.ts";
import { fail } from "./fail.ts";
import { isForPerson } from "./is-for-person.ts";
import { requestsAreShortLived } from "./short-lived.ts";
import { stopOnSignals } from "./stop.ts";

/** How long a stop waits for whoever is in front to see it, in milliseconds. */
export const GRACE_MS = 5000;

/** Runs the exchange until SIGTERM or SIGINT. Sets the exit code where it cannot start. */
export async function serve(
  args: string[],
  environment: NodeJS.ProcessEnv,
  { graceMs = GRACE_MS } = {},
): Promise<void> {
  if (args.length > 0)
    return fail(
      "serve",
      new UsageError(`"serve ${args.join(" ")}" is not understood: the settings come from the environment`),
    );
  requestsAreShortLived();
  const log = await createItsLog(environment);
  // Whether anybody reads what is said decides nothing.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
  // Node's own last words would be the error's message and whatever hangs on it.
  process.once("uncaughtException", (error) => {
    log.error("uncaught error: the exchange ends", { cause: error });
    process.exit(1);
  });
  process.on("SIGHUP", () =>
    log.info("SIGHUP was ignored: the settings are read at the start, and SIGTERM stops the exchange"),
  );
  const stopping = new AbortController();
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
    const { adminPort, adminHost, adminToken } = listener;
    const admin =
      adminPort === undefined ? undefined : (await import("../admin/admin.ts")).createAdmin(settings, log);
    const exchange = startExchange(settings, {
      log,
      observers: admin?.observers ?? [],
      stopping: stopping.signal,
      triesAgain: false,
    });
    opened = exchange;
    if (adminPort !== undefined)
      await admin?.open(exchange, { port: adminPort, host: adminHost, token: adminToken });
    listening.on("request", createNodeListener(unlessItEnds(exchange), settings.publicUrl, stopping.signal));
    await exchange.ready;
    stopOnSignals({ server: listening, exchange, log, stopping, graceMs });
    log.info("listening", await aboutItself(listening, exchange, settings));
  } catch (error) {
    console.error(`vambe-identity cannot start. ${capitalized(explain(error))}`);
    process.exitCode = 1;
    await opened?.close();
    server?.close();
    server?.closeAllConnections();
  }
}

/** For a person where a person reads it, for machines elsewhere. */
async function createItsLog(environment: NodeJS.ProcessEnv): Promise<Log> {
  if (!isForPerson(environment, process.stdout)) return createLog(writeLine);
  const { terminalLine } = await import("./terminal-line.ts");
  tellInForm(terminalLine);
  return createLog(writeLine, terminalLine);
}

/**
 * Where the exchange turns out to be unable to start, whoever waited for it is not answered: a proxy asks another instance
 * then, and a page tries again, while a refusal would count.
 */
const unlessItEnds =
  ({ answer, ready }: ServedExchange): AnswerCall =>
  async (call) => {
    const answered = await answer(call);
    if (answered.status === 503) await ready;
    return answered;
  };

/** What an operator wants to see first. */
async function aboutItself(
  server: Server,
  exchange: ServedExchange,
  { publicUrl, databaseUrl, allowUnverified }: Settings,
) {
  const bound = server.address();
  // What could not be counted is told of by the probes.
  const waiting = await exchange.waiting()?.catch(() => undefined);
  return {
    url: publicUrl,
    ...(bound && typeof bound === "object" && { address: hostAndPort(bound) }),
    version,
    mode: allowUnverified ? ("unverified" as const) : ("enforcing" as const),
    database: kindOfDatabase(databaseUrl),
    ...(waiting !== undefined && { waiting }),
  };
}

const hostAndPort = ({ address, family, port }: AddressInfo): string =>
  family === "IPv6" ? `[${address}]:${port}` : `${address}:${port}`;

const capitalized = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
