import type { Claim } from "./claim.ts";
import { exchange, type Site } from "./exchange.ts";
import { identifyError } from "./identify-error.ts";
import { amongTabs } from "./tabs.ts";
import type { IdentifyError, Identity } from "./types.ts";

const DEADLINE = 10_000;

/**
 * Gets a proof where one is to be had, and exchanges it for an identity, or takes the answer that another tab has
 * just had (`shared`). All of it together has ten seconds, and `stop` ends it at once, whatever it is waiting for.
 * @throws IdentifyError, or the reason that `stop` was given
 */
export function attempt(claim: Claim, site: Site, stop: AbortController, shared: boolean): Promise<Identity> {
  const { signal } = stop;
  const late = () => stop.abort(identifyError("timeout", `${site.server} took over 10 seconds.`));
  const timer = setTimeout(late, DEADLINE);
  const stopped = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason));
  });
  const alone = () => obtain(claim, site, signal, Date.now() + DEADLINE);
  const answer = shared ? amongTabs(site.server + claim.traits + claim.held, signal, alone) : alone();
  return Promise.race([stopped, answer]).finally(() => clearTimeout(timer));
}

async function obtain(claim: Claim, site: Site, signal: AbortSignal, deadline: number): Promise<Identity> {
  const { person, traits, getProof } = claim;
  for (let again = false; ; again = true) {
    if (getProof && (again || !claim.held)) claim.held = await ask(getProof);
    const body = `{"user":${traits},"proof":${JSON.stringify(claim.held ?? null)}}`;
    try {
      return await exchange(site, person.id, body, signal, deadline);
    } catch (error) {
      // A proof that serves once may have served for a request whose answer was lost on the way.
      if (!getProof || again || !/^proof-(expired|used)$/.test((error as IdentifyError).code)) throw error;
    }
  }
}

async function ask(getProof: NonNullable<Claim["getProof"]>): Promise<string> {
  let cause: unknown;
  try {
    const proof = await getProof();
    if (proof && typeof proof === "string") return proof;
  } catch (error) {
    cause = error;
  }
  throw identifyError("proof-failed", "getProof gave no proof.", { cause });
}
