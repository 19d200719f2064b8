import { IdentifyCounter } from "./enforcement/identify-counter.ts";
import { explain } from "./explain.ts";
import { type AnswerCall, createCore } from "./http/core.ts";
import { createFetchHandler } from "./http/edge/fetch.ts";
import { observed } from "./http/observed.ts";
import { PageAnswers } from "./http/page-answers.ts";
import { countsNothing, waitingRoutes } from "./http/waiting-routes.ts";
import { openWidgetFiles } from "./http/widget-files.ts";
import { InFlight } from "./in-flight.ts";
import type { Ledger } from "./ledger/contract/ledger.ts";
import type { Log } from "./log.ts";
import { type Observer, type Readings, tellAll } from "./observer.ts";
import { type OpenExchange, openExchange } from "./open-exchange.ts";
import { Opening } from "./opening.ts";
import { type SampledLog, sampleLog } from "./sampled-log.ts";
import type { Settings } from "./settings/check-settings.ts";
import type { Exchange } from "./types.ts";

/** An exchange whose core another edge can ask. */
export interface ServedExchange extends Exchange {
  /** Rejects never. */
  answer: AnswerCall;
  publicUrl: string;
  /** Whether there is something at a path below the exchange's own, for some method. */
  has(path: string): boolean;
  /** How many rows wait to be sent; `undefined` while it is not open. */
  waiting(): Promise<number> | undefined;
  readings(): Readings;
  /** While it is open: for who looks into it, or mends it, beside the exchange. */
  ledger(): Ledger | undefined;
  /** Before `close`: tells the pages that wait, and resolves when no delivery is under way. */
  endDeliveries(): Promise<void>;
}

/** How long what is under way may take at the end, in milliseconds. */
const END_MS = 10_000;

export interface Surroundings {
  log: Log;
  /** Hear what happens. */
  observers?: readonly Observer[];
  /** Aborted when a stop is about to come: from then on `/readyz` says no, and all else is answered as before. */
  stopping?: AbortSignal;
  /** Whether a database that cannot be opened is tried again (default: yes). */
  triesAgain?: boolean;
}

export function startExchange(
  settings: Settings,
  { log, observers = [], stopping, triesAgain = true }: Surroundings,
): ServedExchange {
  const widget = openWidgetFiles();
  const sampled = sampleLog(log);
  const counter = new IdentifyCounter(log);
  const tell = tellAll([counter, ...observers], (cause) =>
    log.error("an observer of the exchange failed, and misses what happens", { cause }),
  );
  const answers = new PageAnswers(settings, sampled, tell);
  const tellOfFailure = sayOnce((cause) =>
    log.error("the exchange cannot open, and goes on trying", { cause }),
  );
  const opening = new Opening({
    open: () => openExchange({ settings, widget, answers, log, sampled, tell, counter, stopping }),
    failed: (error) => triesAgain && tellOfFailure(explain(error)),
    recovered: () => log.info("the exchange has opened"),
    triesAgain,
  });
  const routes = waitingRoutes({ settings, widget, answers }, () => opening.whenOpen());
  const waiting = createCore(routes, answers, countsNothing);
  const paths = new Set([...routes.keys()].map((route) => route.slice(route.indexOf(" ") + 1)));
  const inFlight = new InFlight();
  const told = observed((call) => (opening.opened?.answer ?? waiting)(call), {
    paths,
    origins: answers.origins,
    tell,
  });
  const answer: AnswerCall = (call) => inFlight.until(told(call));
  let closing: Promise<void> | undefined;
  return {
    ready: opening.first,
    answer,
    publicUrl: settings.publicUrl,
    has: (path) => paths.has(path),
    fetch: createFetchHandler(answer, settings, log),
    waiting: () => opening.opened?.waiting(),
    readings: () => ({
      deliveries: undefined,
      caches: undefined,
      ...opening.opened?.readings(),
      inFlight: inFlight.size,
    }),
    ledger: () => opening.opened?.ledger,
    endDeliveries: async () => (await opening.close())?.endDeliveries(),
    close: () => {
      closing ??= end(opening, inFlight, sampled);
      return closing;
    },
  };
}

async function end(opening: Opening<OpenExchange>, inFlight: InFlight, log: SampledLog): Promise<void> {
  const until = performance.now() + END_MS;
  const opened = await opening.close();
  await opened?.endDeliveries();
  await inFlight.ended(Math.max(0, until - performance.now()));
  if (inFlight.size > 0) log.warn("requests had not ended and were given up", { count: inFlight.size });
  log.flush();
  await opened?.close();
}

/** Says a thing again only after another. */
function sayOnce(say: (text: string) => void): (text: string) => void {
  let last: string | undefined;
  return (text) => {
    if (text !== last) say(text);
    last = text;
  };
}
