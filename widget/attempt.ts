import type { Call } from "./call.ts";
import { exchange, type Site } from "./exchange.ts";
import { identifyError } from "./identify-error.ts";
import { now } from "./lib/now.ts";
import type { Identity } from "./types.ts";

const DEADLINE = 10_000;

/**
 * Exchanges the user and the proof for an identity. All of it together has ten seconds. `stop` ends it at once,
 * whatever it waits for.
 * @throws IdentifyError, or the reason that `stop` was given
 */
export function attempt(call: Call, site: Site, stop: AbortController): Promise<Identity> {
  const { signal } = stop;
  let timer: ReturnType<typeof setTimeout>;
  const stopped = new Promise<never>((_, reject) => {
    signal.onabort = () => reject(signal.reason);
  });
  const begin = () => {
    timer = setTimeout(
      () => stop.abort(identifyError("timeout", `${site.server} took over 10 seconds.`)),
      DEADLINE,
    );
    return exchange(call, site, signal, now() + DEADLINE);
  };
  return Promise.race([stopped, Promise.resolve(site.gate).then(begin)]).finally(() => clearTimeout(timer));
}
