import { type ServedExchange, startExchange } from "./exchange.ts";
import { createMountedListener } from "./http/edge/mounted.ts";
import { createLog, type Log } from "./log.ts";
import { checkSettings, type Settings } from "./settings/check-settings.ts";
import { readOptions } from "./settings/environment.ts";
import type { ExchangeOptions } from "./settings/exchange-options.ts";
import { warningsFor } from "./settings/warnings.ts";
import { writeLine } from "./standard-output.ts";
import type { Environment, Exchange, NodeListener } from "./types.ts";

export type { IdentifyAnswer, IgnoredTrait, ProblemBody } from "./answers.ts";
export type { Level, Log, LogFields } from "./log.ts";
export type { AppUser, Authenticate } from "./proof/app-user.ts";
export type { ExchangeOptions } from "./settings/exchange-options.ts";
export { type SettingMistake, SettingsError } from "./settings/settings-error.ts";
export type { Connection, Environment, Exchange, NodeListener, NodeRequest, NodeResponse } from "./types.ts";

/** What `createExchange` takes beside the options. */
export interface Surroundings {
  /** Where its log goes (default: one JSON line an event, to the standard output). */
  log?: Log;
}

/** What the exchanges made here are inside. */
const served = new WeakMap<Exchange, ServedExchange>();

/**
 * The exchange as a standard `Request → Response` handler, to mount in your own app. Its database is opened at once; where
 * that fails it answers 503, says why in the log, and tries again.
 * @throws {SettingsError} with every option that is wrong.
 */
export function createExchange(
  options: ExchangeOptions,
  { log = createLog(writeLine) }: Surroundings = {},
): Exchange {
  return mountable(checkSettings(options), log);
}

/**
 * The same with the settings of the environment, as `vambe-identity serve` reads them: `VAMBE_API_KEY`, `VAMBE_PUBLIC_URL`
 * and so on. An empty variable counts as not set.
 * @param more options that no variable has, such as `authenticate`, and those that count instead of their variables
 * @throws {SettingsError} with every setting that is wrong, by the name of its variable.
 */
export function createExchangeFromEnv(
  more: Partial<ExchangeOptions> = {},
  {
    log = createLog(writeLine),
    environment = process.env,
  }: Surroundings & { environment?: Environment } = {},
): Exchange {
  const { settings, strangers } = readOptions(environment, more);
  for (const warning of strangers) log.warn(warning);
  return mountable(settings, log);
}

function mountable(settings: Settings, log: Log): Exchange {
  for (const warning of warningsFor(settings)) log.warn(warning);
  const whole = startExchange(settings, { log });
  const { fetch, ready, close } = whole;
  const exchange = { fetch, ready, close };
  served.set(exchange, whole);
  return exchange;
}

/**
 * The exchange for servers that speak `node:http`: Express, Connect, Koa, Fastify, Nest. It takes a body that a parser in
 * front has read already (`request.body`, `request.rawBody`), and leaves to `next` what is not the exchange's.
 * @throws {TypeError} where `exchange` is not one that `createExchange` has made
 */
export function toNodeListener(exchange: Exchange): NodeListener {
  const whole = served.get(exchange);
  if (!whole) throw new TypeError("toNodeListener takes what createExchange of the same package returns");
  return createMountedListener(whole);
}
