import type { Call } from "./call.ts";
import { exchange, type Site } from "./exchange.ts";
import { identifyError } from "./identify-error.ts";
import type { Identity } from "./types.ts";

const DEADLINE = 10_000;

/**
 * Exchanges the user and the proof for an identity. All of it together has ten seconds. `stop` ends it at once,
 * whatever it waits for.
 * @throws IdentifyError, or the reason that `stop` was given
 */
export function attempt(call: Call, site: Site, stop: AbortController): Promise<Identity> {
  const { signal } = stop;
  const stopped = new Promise<never>((_, reject) => {
    signal.onabort = () => reject(signal.reason);
  });
  const late = () => stop.abort(identifyError("timeout", `${site.server} took over 10 seconds.`));
  const timer = setTimeout(late, DEADLINE);
  return Promise.race([stopped, exchange(call, site, signal)]).finally(() => clearTimeout(timer));
}
