import { type Exchange, type Surroundings, startExchange } from "./exchange.ts";
import { createLog } from "./log.ts";
import { checkSettings, type ExchangeOptions } from "./settings/check-settings.ts";
import { warningsFor } from "./settings/warnings.ts";
import { writeLine } from "./standard-output.ts";

export type { Exchange } from "./exchange.ts";
export type { AppUser, Authenticate } from "./proof/authenticate.ts";
export type { IdentifyAnswer, IgnoredTrait, ProblemBody } from "./protocol.ts";
export { type ExchangeOptions, type SettingMistake, SettingsError } from "./settings/check-settings.ts";

/**
 * The exchange as a standard `Request → Response` handler, to mount in your own app.
 * @throws {SettingsError} with every option that is wrong.
 */
export function createExchange(
  options: ExchangeOptions,
  { log = createLog(writeLine) }: Pick<Surroundings, "log"> = {},
): Exchange {
  const { fetch, ready, close } = startExchange(options, { log });
  for (const warning of warningsFor(checkSettings(options))) log.warn(warning);
  return { fetch, ready, close };
}
