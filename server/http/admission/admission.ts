import type { Shared } from "../../ledger/contract/shared.ts";
import type { Log } from "../../log.ts";
import { Problem, type ProblemSlug } from "../../problems.ts";
import type { Settings } from "../../settings/check-settings.ts";
import type { Call } from "../call.ts";
import { cameFrom } from "./came-from.ts";
import { Counts } from "./counts.ts";
import { checkFetchMetadata } from "./fetch-metadata.ts";
import { createNoteDoubt } from "./proxy-doubts.ts";
import { RateLimit } from "./rate-limit.ts";

/** How many calls an address may make for each one that may succeed: preflights, mistakes and attacks come on top. */
const ATTEMPTS = 10;
const ATTEMPTED = { name: "attempts", detail: "Too many requests of any kind from this address." };
const FAILED = { name: "failed", detail: "Too many proofs from this address that do not hold." };
const REFUSED = { name: "refused", detail: "Too many refused requests from this address." };
const ADDRESS = { name: "address", detail: "Too many requests from this address." };
const USER = { name: "user", detail: "Too many requests as this user." };

/** What a visitor is told who only has to fetch another proof. The signature held, or it would be another problem. */
const OUTDATED = new Set<ProblemSlug>(["proof-expired", "proof-used"]);

/** Counts one proven user's identify, or with `undefined` an unproven one's. @throws {Problem} */
export type Admit = (user: string | undefined) => Promise<void>;

/**
 * Who gets in. What holds and what is refused are counted apart: whoever tries forged proofs at an address must not
 * lock out those who share it and have good ones. What is refused before a proof is looked at, and attempts of any
 * kind, each instance counts for itself: a flood of them must not become a flood of writes to the database.
 */
export class Admission {
  readonly #trustProxy: number;
  /** Where nothing is limited, it does not matter who shares a limit. */
  readonly #noteDoubt: ReturnType<typeof createNoteDoubt> | undefined;
  readonly #attempts: RateLimit;
  readonly #failed: RateLimit;
  readonly #refused: RateLimit;
  readonly #address: RateLimit;
  readonly #user: RateLimit;

  constructor(
    { trustProxy, rateLimit, apiKey }: Pick<Settings, "trustProxy" | "rateLimit" | "apiKey">,
    shared: Pick<Shared, "countRequest"> | undefined,
    log: Log,
  ) {
    this.#trustProxy = trustProxy;
    this.#noteDoubt = rateLimit > 0 ? createNoteDoubt(log) : undefined;
    const overAll = new Counts(shared, createNoteOwn(log));
    this.#attempts = new RateLimit(ATTEMPTED, ATTEMPTS * rateLimit, apiKey);
    this.#failed = new RateLimit(FAILED, rateLimit, apiKey, overAll);
    this.#refused = new RateLimit(REFUSED, rateLimit, apiKey);
    this.#address = new RateLimit(ADDRESS, rateLimit, apiKey, overAll);
    this.#user = new RateLimit(USER, Math.ceil(rateLimit / 2), apiKey, overAll);
  }

  /** Counts a call that does more than fetch what everybody may have. @throws {Problem} where there were too many */
  async attempt(call: Call): Promise<void> {
    const { network } = cameFrom(call, this.#trustProxy);
    await this.#attempts.count(network);
  }

  /**
   * Lets a call in that a script made and whose address has not had too many yet. What it returns is to be asked
   * once the call is proven, and puts into `headers` how many are left.
   * @throws {Problem}
   */
  begin(call: Call): { admit: Admit; headers: Record<string, string> } {
    checkFetchMetadata(call);
    const { network, doubt } = cameFrom(call, this.#trustProxy);
    // Probes do not come through the proxies; what identifies somebody does.
    this.#noteDoubt?.(doubt);
    this.#address.check(network);
    const headers: Record<string, string> = {};
    return {
      headers,
      // The user first: one who floods does not use up what others have at the same address.
      admit: async (user) => {
        Object.assign(headers, await this.#address.count(network, { limit: this.#user, who: user }));
      },
    };
  }

  /**
   * Counts what was refused. Returns what the caller is told: the error, or that there were too many. That is asked
   * after a proof has been looked at, since nothing tells a good one from a bad one before. So the limit saves no
   * work, which only the one on attempts does: past it whoever guesses is not told why any more, and loops slow down.
   * A page whose proof is outdated has to hear it, or it would not fetch another, whatever its neighbours are up to.
   */
  async refusal(call: Call, error: unknown, status: number): Promise<unknown> {
    if (status >= 500 || status === 429) return error;
    if (error instanceof Problem && OUTDATED.has(error.slug)) return error;
    const { network } = cameFrom(call, this.#trustProxy);
    const limit = error instanceof Problem && error.status === 401 ? this.#failed : this.#refused;
    return limit.count(network).then(
      () => error,
      (tooMany: unknown) => tooMany,
    );
  }
}

/** One line a minute at the most, whichever limit it is. */
function createNoteOwn(log: Log): (cause: unknown) => void {
  let quietUntil = Number.NEGATIVE_INFINITY;
  return (cause) => {
    if (performance.now() < quietUntil) return;
    quietUntil = performance.now() + 60_000;
    log.warn("the database does not count requests: each instance counts its own for a while", { cause });
  };
}
