import type { Call } from "./call.ts";
import { exchange, type Site } from "./exchange.ts";
import { identifyError } from "./identify-error.ts";
import { amongTabs } from "./lib/tabs.ts";
import type { Identity } from "./types.ts";

const DEADLINE = 10_000;

/**
 * Exchanges the user and the proof for an identity, or takes the answer that another tab has just got (`shared`).
 * All of it together has ten seconds. `call.stop` ends it at once, whatever it waits for.
 * @throws IdentifyError, or the reason that `call.stop` was given
 */
export function attempt(call: Call, site: Site, shared: boolean): Promise<Identity> {
  const { signal } = call.stop;
  const late = () => call.stop.abort(identifyError("timeout", `${site.server} took over 10 seconds.`));
  const timer = setTimeout(late, DEADLINE);
  const stopped = new Promise<never>((_, reject) => {
    signal.onabort = () => reject(signal.reason);
  });
  const alone = () => exchange(call, site, Date.now() + DEADLINE);
  const answer =
    shared && !site.chat
      ? amongTabs(site.server + call.key, signal, alone)
      : Promise.all([alone(), site.chat]).then(([identity]) => identity);
  return Promise.race([stopped, answer]).finally(() => clearTimeout(timer));
}
