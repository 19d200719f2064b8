import { type Exchange, type Surroundings, startExchange } from "./exchange.ts";
import type { ExchangeOptions } from "./settings/check-settings.ts";

export type { Exchange } from "./exchange.ts";
export type { AppUser, Authenticate } from "./proof/authenticate.ts";
export type { IdentifyAnswer, IgnoredTrait, ProblemBody } from "./protocol.ts";
export { type ExchangeOptions, type SettingMistake, SettingsError } from "./settings/check-settings.ts";

/**
 * The exchange as a standard `Request → Response` handler, to mount in your own app.
 * @throws {SettingsError} with every option that is wrong.
 */
export function createExchange(options: ExchangeOptions, surroundings?: Surroundings): Exchange {
  const { fetch, ready, close } = startExchange(options, surroundings);
  return { fetch, ready, close };
}
