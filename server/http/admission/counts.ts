import type { Count, Counted, Counting, Shared } from "../../ledger/contract/shared.ts";
import { within } from "../../within.ts";
import { RequestCounts } from "./request-counts.ts";

/** How long a shared count may take before this process counts by itself, and for how long it does then. Milliseconds. */
const PATIENCE_MS = 1000;
const OWN_COUNT_MS = 5000;

/**
 * Counts requests: in this process or, where instances share a database, over all of them. Where the database does not
 * count, each instance goes on from what it has heard last.
 */
export class Counts {
  readonly #shared: Pick<Shared, "countRequest"> | undefined;
  readonly #own = new RequestCounts();
  readonly #noteOwn: (cause: unknown) => void;
  #ownUntil = 0;

  /** @param noteOwn is told why this process counts by itself for a while */
  constructor(shared?: Pick<Shared, "countRequest">, noteOwn: (cause: unknown) => void = () => {}) {
    this.#shared = shared;
    this.#noteOwn = noteOwn;
  }

  /** Never rejects. */
  async count(counting: Counting): Promise<Counted> {
    if (this.#shared && performance.now() >= this.#ownUntil) {
      try {
        const counted = await within(PATIENCE_MS, this.#shared.countRequest(counting));
        this.#goOnFrom(counting.first?.key, counted.ofFirst);
        this.#goOnFrom(counting.key, counted.ofKey);
        return counted;
      } catch (error) {
        this.#noteOwn(error);
        this.#ownUntil = performance.now() + OWN_COUNT_MS;
      }
    }
    return this.#countHere(counting);
  }

  #goOnFrom(key: string | undefined, count: Count | undefined): void {
    if (key !== undefined && count) this.#own.goOnFrom(key, count);
  }

  #countHere({ first, key, windowMs }: Counting): Counted {
    const before = first && this.#own.count(first.key, windowMs);
    const isLetIn = !first || !before || before.requests <= first.most;
    return {
      ofFirst: before,
      ofKey: key !== undefined && isLetIn ? this.#own.count(key, windowMs) : undefined,
    };
  }
}
