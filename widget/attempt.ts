import type { Claim } from "./claim.ts";
import { type Ask, exchange } from "./exchange.ts";
import { identifyError } from "./identify-error.ts";
import type { IdentifyError, Identity } from "./types.ts";

/** How to reach the exchange. */
export type Site = Pick<Ask, "server" | "credentials" | "onSent">;

const DEADLINE = 10_000;

/**
 * Gets a proof where one is to be had, and exchanges it for an identity. All of it together has ten seconds, and
 * `stop` ends it at once, whatever it is waiting for.
 * @throws IdentifyError, or the reason that `stop` was given
 */
export function attempt(claim: Claim, site: Site, stop: AbortController): Promise<Identity> {
  const { signal } = stop;
  const late = () => stop.abort(identifyError("timeout", `No answer from ${site.server} within 10 seconds.`));
  const timer = setTimeout(late, DEADLINE);
  const stopped = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason));
  });
  return Promise.race([stopped, obtain(claim, site, signal)]).finally(() => clearTimeout(timer));
}

async function obtain(
  { person, traits, proof, getProof }: Claim,
  site: Site,
  signal: AbortSignal,
): Promise<Identity> {
  const deadline = Date.now() + DEADLINE;
  const send = (proof?: string) => {
    const body = `{"user":${traits},"proof":${JSON.stringify(proof ?? null)}}`;
    return exchange({ ...site, id: person.id, body, signal, deadline });
  };
  if (!getProof) return send(proof);
  try {
    return await send(proof ?? (await ask(getProof)));
  } catch (error) {
    // A proof that serves once may have served for a request whose answer was lost on the way.
    if (!/^proof-(expired|used)$/.test((error as IdentifyError).code)) throw error;
    return send(await ask(getProof));
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
  throw Object.assign(identifyError("proof-failed", "getProof rejected, or gave no proof."), { cause });
}
